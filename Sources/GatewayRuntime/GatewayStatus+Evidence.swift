internal import LinuxKernel
internal import TLSInterception
internal import WireFormats

/// What a status file says for evidence: it outlives a gateway that was killed.
extension GatewayStatus {
    static func write(log: DecisionLog, origin: PolicyOrigin, to json: inout JSONText) {
        json.member("log", log.path)
        json.key("policy")
        json.beginObject()
        json.member("source", origin.source)
        json.key("files")
        json.beginArray()
        for file in origin.files {
            json.beginObject()
            json.member("path", file.path)
            json.member("sha256", file.digest.description)
            json.endObject()
        }
        json.endArray()
        json.key("allow")
        json.beginArray()
        for host in origin.allow { json.string(host) }
        json.endArray()
        json.member("observe", origin.observe)
        json.endObject()
    }

    /// The scopes of one agent, which its marks are of.
    static func write(_ scopes: [HostRuleset.Scope], to json: inout JSONText) {
        json.key("scopes")
        json.beginArray()
        for scope in scopes {
            json.beginObject()
            json.member("number", scope.number)
            switch scope.match {
            case .user(let user): json.member("user", user)
            case .cgroup(let path): json.member("cgroup", path.path)
            case .interface(let name, _): json.member("interface", name)
            }
            json.endObject()
        }
        json.endArray()
    }
}
