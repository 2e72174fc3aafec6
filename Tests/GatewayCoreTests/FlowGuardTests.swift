import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

@Suite("Identity chain of a flow")
struct FlowGuardTests {
    static let rules = """
        allow:
          - host: web.example.com
          - host: api.example.com
            methods: [GET]
            paths: ["/v1/**"]
          - host: db.example.com
            ports: [5432]

        """

    private func flow(_ rules: String = rules, port: UInt16 = 443) throws -> FlowGuard {
        FlowGuard(
            agent: AgentID(number: 1), address: IPAddress(v4: 0x5db8_d822), port: port,
            policy: try PolicyText.compile(rules))
    }

    // TLS

    private func judgeName(_ name: String?, _ flow: FlowGuard, pinned: String...) throws -> String {
        let extensions = name.map { [HelloBytes.serverName($0)] } ?? []
        guard case .hello(let hello) = ClientHello.parse(HelloBytes.record(extensions)) else { return "no hello" }
        switch flow.judge(hello, isPinned: { pinned.contains($0.text) }) {
        case .accept(let name, let decision):
            return "accept \(name)" + (decision.map { " | \($0.action) \($0.reason?.rawValue ?? "")" } ?? "")
        case .relay(_, let decision): return "relay \(decision.subject) | \(decision.action)"
        case .refuse(let name, let denial, let decision):
            #expect(decision.reason == denial.reason && decision.stage == .tls && decision.action == .deny)
            return "refuse \(name?.text ?? "nameless") \(denial.reason.rawValue)"
        }
    }

    static let names: [(String?, String)] = [
        ("web.example.com", "accept web.example.com"), ("WEB.Example.com", "accept web.example.com"),
        ("api.example.com", "refuse api.example.com tls.sni_mismatch"),
        ("evil.example.com", "refuse evil.example.com tls.sni_mismatch"),
        ("other.example.com", "refuse other.example.com tls.sni_not_allowed"),
        ("db.example.com", "refuse db.example.com ip.port_not_allowed"),
        (nil, "refuse nameless tls.no_server_name"),
        ("10.0.0.1", "refuse nameless tls.malformed_hello"), ("a b", "refuse nameless tls.malformed_hello"),
        ("web.example.com\u{0}.evil.example.com", "refuse nameless tls.malformed_hello"),
    ]

    @Test(arguments: names) func judgesServerNames(name: String?, words: String) throws {
        // other.example.com is pinned, as it may be after a reload of the policy.
        let said = try judgeName(name, try flow(), pinned: "web.example.com", "other.example.com", "db.example.com")
        #expect(said == words)
    }

    @Test func aHostWithoutInspectionIsRelayedOnceItsNameIsAccepted() throws {
        let flow = try flow("allow:\n  - { host: web.example.com, inspect: sni }\n")
        #expect(try judgeName("web.example.com", flow, pinned: "web.example.com") == "relay web.example.com (93.184.216.34:443) | allow")
        #expect(try judgeName("web.example.com", flow) == "refuse web.example.com tls.sni_mismatch")
    }

    @Test func observeWaivesThePolicyButNotTheChain() throws {
        let flow = try flow("mode: observe\n" + Self.rules)
        #expect(
            try judgeName("other.example.com", flow, pinned: "other.example.com")
                == "accept other.example.com | observe tls.sni_not_allowed")
        #expect(try judgeName("other.example.com", flow) == "refuse other.example.com tls.sni_mismatch")
        #expect(try judgeName(nil, flow) == "refuse nameless tls.no_server_name")
    }

    // HTTP

    private func judge(_ request: String, _ flow: FlowGuard, pinned: String...) throws -> String {
        let bytes = Array((request + "\r\n\r\n").utf8)
        guard case .head(let head, _) = try HTTP1RequestHead.parse(bytes.span) else { return "no head" }
        switch flow.judge(head, isPinned: { pinned.contains($0.text) }) {
        case .forward(let host, let decision):
            return "forward \(host) | \(decision.action) \(decision.reason?.rawValue ?? decision.subject)"
        case .refuse(let denial, let decision):
            #expect(decision.reason == denial.reason && decision.stage == .http && decision.action == .deny)
            return "refuse \(denial.reason.rawValue)"
        }
    }

    static let inTLS: [(String, String)] = [
        ("GET /v1/x?secret=1 HTTP/1.1\r\nHost: api.example.com", "forward api.example.com | allow GET api.example.com/v1/x"),
        ("GET /v1/x HTTP/1.1\r\nHost: API.example.com:443", "forward api.example.com | allow GET api.example.com/v1/x"),
        ("GET /v1/x HTTP/1.1\r\nHost: api.example.com:8443", "refuse http.host_mismatch"),
        ("GET /v1/x HTTP/1.1\r\nHost: web.example.com", "refuse http.host_mismatch"),
        ("GET /v1/x HTTP/1.1\r\nHost: 93.184.216.34", "refuse http.host_mismatch"),
        ("POST /v1/x HTTP/1.1\r\nHost: api.example.com", "refuse http.method_not_allowed"),
        ("GET /v2/x HTTP/1.1\r\nHost: api.example.com", "refuse http.path_not_allowed"),
        ("GET /v1/../v2 HTTP/1.1\r\nHost: api.example.com", "refuse http.path_not_allowed"),
        ("GET /v1/ws HTTP/1.1\r\nHost: api.example.com\r\nConnection: upgrade\r\nUpgrade: websocket", "refuse http.upgrade_refused"),
    ]

    @Test(arguments: inTLS) func holdsRequestsToTheServerName(request: String, words: String) throws {
        var flow = try flow()
        flow.serverName = try HostName("api.example.com")
        // Pins do not matter here: the name has been proven.
        #expect(try judge(request, flow) == words)
    }

    static let plain: [(String, String)] = [
        ("GET /x HTTP/1.1\r\nHost: web.example.com", "forward web.example.com | allow GET web.example.com/x"),
        ("GET /x HTTP/1.1\r\nHost: web.example.com:80", "forward web.example.com | allow GET web.example.com/x"),
        ("GET /x HTTP/1.1\r\nHost: web.example.com:81", "refuse http.host_mismatch"),
        ("GET /v1/x HTTP/1.1\r\nHost: api.example.com", "refuse http.host_mismatch"),
        ("GET /x HTTP/1.1\r\nHost: 93.184.216.34", "refuse http.host_not_allowed"),
        ("GET /x HTTP/1.1\r\nHost: [2606:2800::1]", "refuse http.host_not_allowed"),
        ("GET /x HTTP/1.1\r\nHost: other.example.com", "refuse http.host_not_allowed"),
    ]

    @Test(arguments: plain) func holdsPlainRequestsToThePins(request: String, words: String) throws {
        #expect(try judge(request, try flow(port: 80), pinned: "web.example.com", "other.example.com") == words)
    }

    /// The proxy keeps the name of the last request that it let through.
    @Test func anOpenFlowOutlivesItsPin() throws {
        var flow = try flow(port: 80)
        let request = "GET /x HTTP/1.1\r\nHost: web.example.com"
        #expect(try judge(request, flow) == "refuse http.host_mismatch")
        flow.provenName = try HostName("web.example.com")
        #expect(try judge(request, flow) == "forward web.example.com | allow GET web.example.com/x")
        // Another name on the same connection is another matter.
        #expect(try judge("GET /v1/x HTTP/1.1\r\nHost: api.example.com", flow) == "refuse http.host_mismatch")
    }

    @Test func observeForwardsWhatOnlyThePolicyRefuses() throws {
        var flow = try flow("mode: observe\n" + Self.rules)
        flow.serverName = try HostName("api.example.com")
        #expect(
            try judge("POST /v1/x HTTP/1.1\r\nHost: api.example.com", flow)
                == "forward api.example.com | observe http.method_not_allowed")
        #expect(try judge("GET /v1/x HTTP/1.1\r\nHost: web.example.com", flow) == "refuse http.host_mismatch")
        #expect(
            try judge("GET /v1 HTTP/1.1\r\nHost: api.example.com\r\nConnection: upgrade\r\nUpgrade: x", flow)
                == "refuse http.upgrade_refused")
        flow.serverName = nil
        #expect(try judge("GET /v1/x HTTP/1.1\r\nHost: api.example.com", flow) == "refuse http.host_mismatch")
    }
}

@Suite("First bytes")
struct FirstBytesTests {
    static let table: [(String, String)] = [
        ("", "needMore"), ("G", "needMore"), ("GET", "needMore"), ("GET ", "http"), ("POST /x HTTP/1.1\r\n", "http"),
        ("VERSION-CONTROL /", "http"), ("GET\t/", "http"), ("\r", "http"), ("\n", "http"), ("PRI * HTTP/2.0", "http"),
        ("get / HTTP/1.1", "unknown"), ("SSH-2.0-OpenSSH", "unknown"), ("GE ", "unknown"), ("GET\r", "unknown"), ("\u{0}", "unknown"),
        ("ABCDEFGHIJKLMNOPQRSTUVW", "needMore"), ("ABCDEFGHIJKLMNOPQRSTUVWX", "unknown"), (" GET", "unknown"),
        ("\u{16}", "needMore"), ("\u{16}\u{3}\u{1}", "needMore"), ("\u{16}\u{2}", "malformed"),
    ]

    @Test(arguments: table) func areTold(text: String, expected: String) {
        let bytes = Array(text.utf8)
        let said: String =
            switch FirstBytes.identify(bytes.span) {
            case .needMore: "needMore"
            case .tls: "tls"
            case .http: "http"
            case .malformedHello: "malformed"
            case .unknown: "unknown"
            }
        #expect(said == expected)
    }

    @Test func aHelloIsRead() {
        let bytes = HelloBytes.record([HelloBytes.serverName("a.example")])
        guard case .tls(let hello) = FirstBytes.identify(bytes.span) else {
            Issue.record("not told")
            return
        }
        #expect(hello.serverName == Array("a.example".utf8))
        for count in 1..<bytes.count {
            let part = Array(bytes.prefix(count))
            let said = FirstBytes.identify(part.span)
            #expect(said == .needMore)
        }
    }
}
