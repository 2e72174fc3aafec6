internal import LinuxKernel

/// A look into another network namespace, and back. The process must have one thread, or the calling one be its own.
enum Visit {
    static func namespace<Value: ~Copyable>(of place: AgentRecord.Place, _ body: () throws -> Value) throws -> Value {
        try namespace(place.namespace, path: place.path, body)
    }

    /// - Parameters:
    ///   - number: of the namespace's file.
    ///   - path: where it can be entered by; not needed for the one that the thread is in.
    static func namespace<Value: ~Copyable>(_ number: UInt64, path: String, _ body: () throws -> Value) throws -> Value {
        let own = try NetworkNamespace.current()
        if try NetworkNamespace.identifier(own) == number { return try body() }
        for path in [path, "/proc/1/ns/net"] {
            guard let other = try? Descriptor.open(path, 0), (try? NetworkNamespace.identifier(other)) == number else { continue }
            try NetworkNamespace.enter(other)
            let result = Result { try body() }
            try NetworkNamespace.enter(own)
            return try result.get()
        }
        throw SealFailure(
            "network namespace \(number) cannot be found from here: call it in the namespace that the service was started in")
    }
}
