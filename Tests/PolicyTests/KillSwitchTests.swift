import Policy
import Testing

@Suite("Kill switch")
struct KillSwitchTests {
    private func rules(_ text: String, files: [String: String] = [:]) throws -> KillSwitchRules {
        try PolicyText.model("version: 1\n" + text, files: files).compiled().killSwitch
    }

    @Test(arguments: ["", "kill_switch: {}\n", "kill_switch: { on: {} }\n"])
    func guardsTheRulesetWithoutAnyKey(text: String) throws {
        let rules = try rules(text)
        #expect(rules == .standard)
        #expect(rules.rulesetTampered)
        #expect(rules.criticalFindings == nil && rules.heartbeatLostSeconds == nil && rules.sentinel == nil)
        #expect(!rules.recorderFailure)
    }

    @Test func isReadWhole() throws {
        let policy = try PolicyText.compile(
            """
            kill_switch:
              on: { critical_findings: 3 within 60s, recorder_failure: true, heartbeat_lost: 30s, ruleset_tampered: false }
              sentinel: /run/portcullis/seal
            control: { group: portcullis-operators }

            """)
        #expect(
            policy.killSwitch
                == KillSwitchRules(
                    criticalFindings: FindingThreshold(count: 3, seconds: 60), recorderFailure: true, heartbeatLostSeconds: 30,
                    rulesetTampered: false, sentinel: "/run/portcullis/seal"))
        #expect(policy.controlGroup == "portcullis-operators")
    }

    @Test(arguments: [
        ("1 within 1s", 1, 1), ("1000 within 1h", 1000, 3600), ("3 within 5m", 3, 300), ("3  within  60 s", 3, 60),
        ("\"3 within 60s\"", 3, 60), ("3 within 3600s", 3, 3600),
    ] as [(String, Int, UInt64)])
    func findings(text: String, count: Int, seconds: UInt64) throws {
        let rules = try rules("kill_switch: { on: { critical_findings: \(text) } }\n")
        #expect(rules.criticalFindings == FindingThreshold(count: count, seconds: seconds))
    }

    @Test(arguments: [("5s", 5), ("24h", 86_400), ("2m", 120), ("90 s", 90)] as [(String, UInt64)])
    func leases(text: String, seconds: UInt64) throws {
        #expect(try rules("kill_switch: { on: { heartbeat_lost: \(text) } }\n").heartbeatLostSeconds == seconds)
    }

    @Test(arguments: ["/seal", "/run/portcullis/seal", "/run/a b/.seal", "/\(String(repeating: "x", count: 255))"])
    func sentinels(path: String) throws {
        #expect(try rules("kill_switch: { sentinel: \"\(path)\" }\n").sentinel == path)
    }

    @Test(arguments: ["portcullis-operators", "0", "4294967294", "adm", "group$"])
    func groups(text: String) throws {
        #expect(try PolicyText.compile("control: { group: \(text) }\n").controlGroup == text)
    }

    /// A row: what stands under `on`, and what is printed for it behind the file's name, whole.
    @Test(arguments: [
        ("critical_findings: 3", "2:41: `critical_findings` is a number of findings and a time, or `false`\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: true", "2:41: `critical_findings` is a number of findings and a time, or `false`\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: [3, 60]", "2:41: `critical_findings` is a number of findings and a time, or `false`\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: 3 in 60s", "2:41: `critical_findings` is a number of findings and a time, or `false`\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: -3 within 60s", "2:41: `critical_findings` is a number of findings and a time, or `false`\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: 0 within 60s", "2:41: `critical_findings` counts from 1 to 1000 findings\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: 1001 within 60s", "2:41: `critical_findings` counts from 1 to 1000 findings\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: 3 within 60", "2:41: the time of `critical_findings` is a number with s, m or h\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: 3 within 1d", "2:41: the time of `critical_findings` is a number with s, m or h\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: 3 within 60s please", "2:41: the time of `critical_findings` is a number with s, m or h\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: 3 within 0s", "2:41: the time of `critical_findings` is from 1s to 1h\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: 3 within 61m", "2:41: the time of `critical_findings` is from 1s to 1h\n  write: critical_findings: 3 within 60s"),
        ("critical_findings: 3 within 9999999999999999999h", "2:41: the time of `critical_findings` is a number with s, m or h\n  write: critical_findings: 3 within 60s"),
        ("recorder_failure: yes", "2:40: `recorder_failure` is `true` or `false`\n  write: recorder_failure: true"),
        ("recorder_failure: \"true\"", "2:40: `recorder_failure` is `true` or `false`\n  write: recorder_failure: true"),
        ("heartbeat_lost: 30", "2:38: `heartbeat_lost` is a number with s, m or h\n  write: heartbeat_lost: 30s"),
        ("heartbeat_lost: true", "2:38: `heartbeat_lost` is a number with s, m or h\n  write: heartbeat_lost: 30s"),
        ("heartbeat_lost: 1.5m", "2:38: `heartbeat_lost` is a number with s, m or h\n  write: heartbeat_lost: 30s"),
        ("heartbeat_lost: {}", "2:38: `heartbeat_lost` is a number with s, m or h\n  write: heartbeat_lost: 30s"),
        ("heartbeat_lost: 4s", "2:38: `heartbeat_lost` is from 5s to 24h\n  write: heartbeat_lost: 30s"),
        ("heartbeat_lost: 25h", "2:38: `heartbeat_lost` is from 5s to 24h\n  write: heartbeat_lost: 30s"),
        ("ruleset_tampered: 1", "2:40: `ruleset_tampered` is `true` or `false`\n  write: ruleset_tampered: true"),
        ("recorder_failures: true", "2:22: unknown key `recorder_failures`\n  write: recorder_failure:"),
    ])
    func saysWhatIsWrongWithATrigger(key: String, printed: String) {
        #expect(PolicyText.problems("version: 1\nkill_switch: { on: { \(key) } }") == ["policy.yaml:" + printed])
    }

    @Test(arguments: [
        ("kill_switch: true", "2:14: `kill_switch` is a mapping, not a truth value\n  write: kill_switch: { on: … }"),
        ("kill_switch: { on: [recorder_failure] }", "2:20: `on` is a mapping, not a list\n  write: on: { critical_findings: … }"),
        ("kill_switch: { critical_findings: 3 within 60s }", "2:16: unknown key `critical_findings`; known here: on, sentinel"),
        ("kill_switch: { sentinel: seal }", "2:26: `sentinel` is the absolute path of a file\n  write: sentinel: /run/portcullis/seal"),
        ("kill_switch: { sentinel: / }", "2:26: `sentinel` is the absolute path of a file\n  write: sentinel: /run/portcullis/seal"),
        ("kill_switch: { sentinel: /run/seal/ }", "2:26: `sentinel` is the absolute path of a file\n  write: sentinel: /run/portcullis/seal"),
        ("kill_switch: { sentinel: /run/../seal }", "2:26: `sentinel` is the absolute path of a file\n  write: sentinel: /run/portcullis/seal"),
        ("kill_switch: { sentinel: \"/run/\\n\" }", "2:26: `sentinel` is the absolute path of a file\n  write: sentinel: /run/portcullis/seal"),
        ("kill_switch: { sentinel: 1 }", "2:26: `sentinel` takes text, not a number\n  write: sentinel: \"1\""),
        ("kill_switch: { sentinel: /\(String(repeating: "x", count: 256)) }", "2:26: `sentinel` is the absolute path of a file\n  write: sentinel: /run/portcullis/seal"),
        ("control: operators", "2:10: `control` is a mapping, not text\n  write: control: { group: … }"),
        ("control: { group: [a] }", "2:19: `group` takes a group's name or number\n  write: group: portcullis-operators"),
        ("control: { group: \"\" }", "2:19: `group` takes a group's name or number\n  write: group: portcullis-operators"),
        ("control: { group: -a }", "2:19: `group` takes a group's name or number\n  write: group: portcullis-operators"),
        ("control: { group: \"a b\" }", "2:19: `group` takes a group's name or number\n  write: group: portcullis-operators"),
        ("control: { group: 4294967295 }", "2:19: `group` takes a group's name or number\n  write: group: portcullis-operators"),
        ("control: { group: 99999999999999999999 }", "2:19: `group` takes a group's name or number\n  write: group: portcullis-operators"),
        ("control: { group: 007 }", "2:19: `group` takes a group's name or number\n  write: group: portcullis-operators"),
        ("control: { groups: a }", "2:12: unknown key `groups`\n  write: group:"),
    ])
    func saysWhatIsWrongElsewhere(text: String, printed: String) {
        #expect(PolicyText.problems("version: 1\n" + text) == ["policy.yaml:" + printed])
    }

    /// A file's own keys win; what it leaves out comes from what it extends, the first entry first.
    @Test func isJoinedKeyByKey() throws {
        let joined = try PolicyText.model(
            """
            version: 1
            extends: [./a.yaml, ./b.yaml]
            kill_switch: { on: { critical_findings: 5 within 10s } }
            """,
            files: [
                "./a.yaml": """
                version: 1
                kill_switch: { on: { critical_findings: 1 within 1h, heartbeat_lost: 1m }, sentinel: /a }
                control: { group: a }
                """,
                "./b.yaml": """
                version: 1
                kill_switch: { on: { heartbeat_lost: 2m, recorder_failure: true, ruleset_tampered: false }, sentinel: /b }
                control: { group: b }
                """,
            ]
        ).compiled()
        #expect(
            joined.killSwitch
                == KillSwitchRules(
                    criticalFindings: FindingThreshold(count: 5, seconds: 10), recorderFailure: true, heartbeatLostSeconds: 60,
                    rulesetTampered: false, sentinel: "/a"))
        #expect(joined.controlGroup == "a")
    }

    /// Leaving a trigger out keeps the one of an extended file; `false` turns it off.
    @Test func aFileMayTurnOffWhatItExtends() throws {
        let base =
            "version: 1\nkill_switch: { on: { critical_findings: 1 within 1h, heartbeat_lost: 1m, recorder_failure: true } }\n"
        let off = try rules(
            "extends: [./a.yaml]\nkill_switch: { on: { critical_findings: false, heartbeat_lost: false, recorder_failure: false } }\n",
            files: ["./a.yaml": base])
        #expect(off == .standard)
        let kept = try rules("extends: [./a.yaml]\nkill_switch: {}\n", files: ["./a.yaml": base])
        #expect(kept.criticalFindings == FindingThreshold(count: 1, seconds: 3600) && kept.heartbeatLostSeconds == 60)
        #expect(kept.recorderFailure)
    }

    @Test func isInTheSummaryALineEach() throws {
        let policy = try PolicyText.compile(
            """
            kill_switch:
              on: { critical_findings: 3 within 90s, recorder_failure: true, heartbeat_lost: 120s, ruleset_tampered: false }
              sentinel: /run/portcullis/seal
            control: { group: 27 }

            """)
        #expect(
            policy.summary().filter { $0.hasPrefix("sealed") || $0.contains("control socket") } == [
                "sealed for critical findings: an agent with 3 of them within 90s",
                "sealed when the record cannot be written: every agent",
                "sealed when heartbeats stop: every agent, after 2m without one",
                "sealed when somebody else changes the ruleset: nobody",
                "sealed by a file: every agent, as soon as /run/portcullis/seal is there",
                "may use the control socket: root, group 27",
            ])
    }
}
