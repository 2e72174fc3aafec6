internal import LinuxKernel
internal import Policy
internal import WireFormats

/// The host's resolvers, as resolv.conf(5) lists them.
enum ResolverConfiguration {
    /// Whom to ask for a policy's names.
    static func resolvers(for policy: CompiledPolicy) throws -> [SocketAddress] {
        switch policy.resolver {
        case .addresses(let addresses):
            return addresses.map { SocketAddress($0, port: 53) }
        case .system: return try hostResolvers()
        }
    }

    static let path = "/etc/resolv.conf"

    static func hostResolvers() throws(SystemCallError) -> [SocketAddress] {
        let bytes = try FileText.read(path, limit: Limits.resolverConfigurationBytes)
        return resolvers(in: String(decoding: bytes, as: UTF8.self))
    }

    /// - Returns: at most three addresses, as the C library takes; those it cannot read are passed over.
    static func resolvers(in text: String) -> [SocketAddress] {
        var found: [SocketAddress] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver", let address = IPAddress(String(words[1])) else { continue }
            found.append(SocketAddress(address, port: 53))
        }
        return Array(found.prefix(3))
    }
}
