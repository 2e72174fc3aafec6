import Policy
import Testing

@Suite("Agents and their scopes")
struct AgentTests {
    @Test(arguments: [
        ("{ user: agent }", "user agent"), ("{ user: 1000 }", "user 1000"), ("{ cgroup: system.slice/agent.service }", "cgroup system.slice/agent.service"),
        ("{ cgroup: /sys/fs/cgroup/agents/ }", "cgroup agents"), ("{ cgroup: /agents }", "cgroup agents"),
        ("{ interface: tap0 }", "interface tap0"), ("{ netns: agent }", "netns agent"),
        ("{ netns: /proc/7/ns/net }", "netns /proc/7/ns/net"), ("{ jail: true }", "jail"),
    ])
    func readsScopes(scope: String, description: String) throws {
        let policy = try PolicyText.compile("agents: [{ name: a, scope: \(scope) }]\n")
        #expect(policy.agents.map(\.scope.description) == [description])
        #expect(policy.summary().contains("  a: \(description)  [policy.yaml:2]"))
    }

    /// What would be read as something else in a ruleset or a path never gets there.
    @Test(arguments: [
        ("{ user: \"a; drop\" }", "`user` takes"), ("{ user: \"\" }", "`user` takes"), ("{ user: -u }", "`user` takes"),
        ("{ cgroup: ../x }", "`cgroup` takes"), ("{ cgroup: / }", "`cgroup` takes"), ("{ cgroup: \"a\\\"b\" }", "`cgroup` takes"),
        ("{ cgroup: a//b }", "`cgroup` takes"), ("{ interface: \"tap0\\\" drop\" }", "`interface` takes"),
        ("{ interface: sixteen-letters- }", "`interface` takes"), ("{ interface: lo }", "`lo` is everybody's"),
        ("{ netns: a/b }", "`netns` takes"), ("{ netns: .. }", "`netns` takes"), ("{ jail: false }", "`jail` is"),
        ("{ usr: a }", "unknown key `usr`"), ("{ user: a, cgroup: b }", "`scope` says one thing"), ("user", "`scope` says one thing"),
        ("{ user: [a] }", "`user` takes text"),
    ])
    func refusesOtherValues(scope: String, message: String) {
        let problems = PolicyText.problems("version: 1\nagents:\n  - { name: a, scope: \(scope) }\n")
        #expect(problems.count == 1 && problems[0].contains(message) && problems[0].hasPrefix("policy.yaml:3:"), "\(problems)")
    }

    @Test(arguments: [
        ("[{ scope: { user: a } }]", "has no name"), ("[{ name: a }]", "has no scope"),
        ("[{ name: \"a b\", scope: { user: a } }]", "letters, digits"),
        ("[{ name: .., scope: { user: a } }]", "starts with a letter"), ("[{ name: .a, scope: { user: a } }]", "starts with a letter"),
        ("{ name: a }", "`agents` is a list"),
        ("[{ name: a, scope: { user: a } }, { name: a, scope: { user: b } }]", "two agents are called `a`"),
        ("[{ name: a, scope: { user: a } }, { name: b, scope: { user: a } }]", "`a` has the same scope"),
        ("[{ name: a, scope: { user: a }, colour: red }]", "unknown key `colour`"),
    ])
    func refusesOtherAgents(agents: String, message: String) {
        let problems = PolicyText.problems("version: 1\nagents: \(agents)\n")
        #expect(problems.count == 1 && problems[0].contains(message), "\(problems)")
    }

    @Test func agentsOfTwoFilesMustDiffer() {
        let problems = PolicyText.problems(
            "version: 1\nextends: [./a.yaml]\nagents: [{ name: a, scope: { user: x } }]\n",
            files: ["./a.yaml": "version: 1\nagents: [{ name: a, scope: { user: y } }]\n"])
        #expect(problems == ["policy.yaml:3:1: another file has an agent called `a`, or one with the scope user x"])
    }
}
