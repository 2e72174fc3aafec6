import WireFormats

/// One request held against the rules of its host, pattern by pattern.
struct RequestMatch: ~Copyable {
    /// How far the best allow rule got.
    enum Progress: Int, Comparable {
        case host, port, method, path

        static func < (left: Progress, right: Progress) -> Bool { left.rawValue < right.rawValue }
    }

    private(set) var allowed: HostRule?
    private(set) var denied: HostRule?
    private(set) var nearest: (rule: HostRule, progress: Progress)?
    private(set) var isAmbiguous = false
    /// The first rule with paths, to name when the path is ambiguous.
    private(set) var pathRule: HostRule?
    private(set) var path: RequestPath?
    private var isPathRead = false

    /// - Returns: false once a deny rule has decided.
    mutating func take(_ entry: HostIndex.Entry, port: UInt16, method: Span<UInt8>, path bytes: Span<UInt8>) -> Bool {
        if entry.hasPaths { readPath(bytes, entry) }
        for rule in entry.deny where rule.covers(port: port) && rule.covers(method: method) && mayDeny(rule) {
            denied = rule
            return false
        }
        for rule in entry.allow {
            let progress = progress(of: rule, port: port, method: method)
            if progress == .path, allowed == nil { allowed = rule }
            if progress > nearest?.progress ?? .host || nearest == nil { nearest = (rule, progress) }
        }
        return true
    }

    private mutating func readPath(_ bytes: Span<UInt8>, _ entry: HostIndex.Entry) {
        if pathRule == nil { pathRule = (entry.allow + entry.deny).first { !$0.paths.isEmpty } }
        guard !isPathRead else { return }
        isPathRead = true
        path = RequestPath(bytes)
        isAmbiguous = path == nil
    }

    private func mayDeny(_ rule: HostRule) -> Bool {
        guard !rule.paths.isEmpty else { return true }
        guard let path else { return false }
        return rule.paths.contains { $0.mayCover(path) }
    }

    private func progress(of rule: HostRule, port: UInt16, method: Span<UInt8>) -> Progress {
        guard rule.covers(port: port) else { return .host }
        guard rule.covers(method: method) else { return .port }
        guard !rule.paths.isEmpty else { return .path }
        guard let path, rule.paths.contains(where: { $0.covers(path) }) else { return .method }
        return .path
    }
}
