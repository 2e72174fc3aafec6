import WireFormats

extension CompiledPolicy {
    private func budget(of query: WhyQuery) -> String? {
        switch query {
        case .host(let name), .request(_, _, let name, _, _):
            "names below \(PublicSuffix.registrableDomain(of: name)): \(dnsBudget)"
        case .address: nil
        }
    }

    /// Asks every question that traffic of this kind would be asked.
    package func why(_ query: WhyQuery) -> WhyAnswer {
        let links: [WhyAnswer.Link]
        switch query {
        case .host(let name):
            links = [WhyAnswer.Link(name: "name", verdict: nameVerdict(name))]
        case .request(let method, let scheme, let host, let port, let path):
            let flow =
                scheme == "http"
                ? WhyAnswer.Link(name: "connection", verdict: flowVerdict(host: host, port: port, step: .address))
                : WhyAnswer.Link(name: "server name", verdict: flowVerdict(host: host, port: port))
            let name = WhyAnswer.Link(name: "name", verdict: nameVerdict(host))
            // Behind the server name nobody looks: a rule of requests would say nothing about what happens.
            if scheme != "http", case .allow(let approved) = flow.verdict, approved.inspection == .sni {
                links = [name, flow]
                break
            }
            links = [
                name, flow,
                WhyAnswer.Link(
                    name: "request", verdict: requestVerdict(host: host, port: port, method: method, path: path)),
            ]
        case .address(let address, let port):
            links = [WhyAnswer.Link(name: "address", verdict: addressVerdict(address, port: port))]
        }
        return WhyAnswer(query: query, mode: mode, links: links, budget: links[0].verdict.isAllowed ? budget(of: query) : nil)
    }
}
