import GatewayCore
import Policy
import Testing
import WireFormats

/// HTTP/1.1 between one agent and its origins, as transcripts.
@Suite("HTTP exchange")
struct HTTPExchangeTests {
    typealias Feed = HTTPPlaybook.Feed

    static let get = "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
    static let getForwarded = "GET /a HTTP/1.1|Host: a.example||"
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    static let okForwarded = "HTTP/1.1 200 OK|Content-Length: 2||ok"

    // Plain exchanges

    @Test(arguments: Feed.allCases) func get(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent(Self.get)
        play.expect(upstream: Self.getForwarded, "allow", "open a.example")
        play.upstream(Self.ok)
        play.expect(agent: Self.okForwarded, "finish, keep upstream")
        play.expectIdle()
        play.agent(Self.get)
        play.expect(upstream: Self.getForwarded, "allow", "open a.example")
    }

    @Test(arguments: Feed.allCases) func postWithALength(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /a HTTP/1.1\r\nHost: A.example\r\nContent-Length: 5\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\nhello")
        play.expect(upstream: "POST /a HTTP/1.1|Host: a.example|Content-Length: 5||hello", "allow", "open a.example")
        play.upstream(Self.ok)
        play.expect(agent: Self.okForwarded, "finish, keep upstream")
    }

    @Test(arguments: Feed.allCases) func chunksBothWaysWithTrailers(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("PUT /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n")
        play.expect(
            upstream: "PUT /a HTTP/1.1|Host: a.example|Transfer-Encoding: chunked||{hello!}X-Sum=1", "allow", "open a.example")
        play.upstream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-End: 2\r\n\r\n")
        play.expect(agent: "HTTP/1.1 200 OK|Transfer-Encoding: chunked||{ok}X-End=2", "finish, keep upstream")
    }

    @Test(arguments: Feed.allCases) func head(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("HEAD /a HTTP/1.1\r\nHost: a.example\r\n\r\n")
        play.expect(upstream: "HEAD /a HTTP/1.1|Host: a.example||", "allow", "open a.example")
        play.upstream("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        play.expect(agent: "HTTP/1.1 200 OK|Content-Length: 500||", "finish, keep upstream")
    }

    @Test(arguments: Feed.allCases) func answersWithoutContent(feed: Feed) {
        for (line, sent) in [
            ("204 No Content\r\n", "204 No Content"), ("304 Not Modified\r\nContent-Length: 99\r\n", "304 Not Modified|Content-Length: 99"),
        ] {
            var play = HTTPPlaybook(feed)
            play.agent(Self.get)
            play.expect(upstream: Self.getForwarded, "allow", "open a.example")
            play.upstream("HTTP/1.1 \(line)\r\n")
            play.expect(agent: "HTTP/1.1 \(sent)||", "finish, keep upstream")
        }
    }

    @Test(arguments: Feed.allCases) func interimAnswersGoOnAndTheContentFollows(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        play.expect(
            upstream: "POST /a HTTP/1.1|Host: a.example|Content-Length: 2|Expect: 100-continue||", "allow", "open a.example")
        play.upstream("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        play.expect(agent: "HTTP/1.1 100 Continue||HTTP/1.1 103 Early Hints|Link: x||")
        play.agent("hi")
        play.expect(upstream: "hi")
        play.upstream(Self.ok)
        play.expect(agent: Self.okForwarded, "finish, keep upstream")
    }

    @Test(arguments: Feed.allCases) func interimAnswersAreCounted(feed: Feed) {
        let hints = "HTTP/1.1 103 Early Hints\r\n\r\n"
        var play = HTTPPlaybook(feed)
        for _ in 0..<2 {
            play.agent(Self.get)
            play.expect(upstream: Self.getForwarded, "allow", "open a.example")
            play.upstream(String(repeating: hints, count: 16) + Self.ok)
            play.expect(
                agent: String(repeating: "HTTP/1.1 103 Early Hints||", count: 16) + Self.okForwarded, "finish, keep upstream")
        }
        play.agent(Self.get)
        play.expect(upstream: Self.getForwarded, "allow", "open a.example")
        for _ in 0..<16 { play.upstream(hints) }
        play.expect(agent: String(repeating: "HTTP/1.1 103 Early Hints||", count: 16))
        play.upstream(hints)
        play.expect(
            agent: "<502 http.upstream_malformed close>", "deny http.upstream_malformed", "drop upstream", "close agent")
    }

    @Test(arguments: Feed.allCases) func aPipelinedRequestWaits(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent(Self.get + "GET /b HTTP/1.1\r\nHost: b.example\r\n\r\n")
        play.expect(upstream: Self.getForwarded, "allow", "open a.example")
        let judged = play.judged
        #expect(judged == 1)
        play.expectDeaf()
        play.upstream(Self.ok)
        play.expect(
            upstream: "GET /b HTTP/1.1|Host: b.example||", agent: Self.okForwarded, "finish, keep upstream", "allow",
            "open b.example")
    }

    // How answers end

    @Test(arguments: Feed.allCases) func anAnswerThatEndsWithItsConnectionIsGivenAnEnd(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent(Self.get)
        play.expect(upstream: Self.getForwarded, "allow", "open a.example")
        play.upstream("HTTP/1.1 200 OK\r\n\r\nhello")
        play.expect(agent: "HTTP/1.1 200 OK|Transfer-Encoding: chunked||{hello…")
        let again = play.upstreamCloses()
        #expect(again == nil)
        play.expect(agent: "0\r\n\r\n", "finish")
        play.expectIdle()
    }

    @Test(arguments: Feed.allCases) func anAnswerThatIsCutOffIsNotMadeWhole(feed: Feed) {
        for head in ["", "Content-Length: 9\r\n", "Transfer-Encoding: chunked\r\n"] {
            var play = HTTPPlaybook(feed)
            play.agent(Self.get)
            play.upstream("HTTP/1.1 200 OK\r\n\(head)\r\n5\r\nhe")
            _ = play.takeUpstreamBytes()
            let again = play.upstreamCloses(reused: true, cleanly: head != "")
            #expect(again == nil)
            let end = play.lastCommands(3)
            #expect(end == ["deny upstream.closed", "drop upstream", "abort agent"])
        }
    }

    @Test(arguments: Feed.allCases) func http10ClosesAfterOneAnswerAndGetsNoChunks(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("GET /a HTTP/1.0\r\nHost: a.example\r\n\r\n")
        play.expect(upstream: Self.getForwarded, "allow", "open a.example")
        play.upstream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
        play.expect(agent: "HTTP/1.1 200 OK|Connection: close||ok", "finish, keep upstream", "close agent")
    }

    @Test(arguments: Feed.allCases) func http10MayStayOpen(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("GET /a HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n")
        play.upstream(Self.ok)
        play.expect(
            upstream: Self.getForwarded, agent: "HTTP/1.1 200 OK|Content-Length: 2|Connection: keep-alive||ok", "allow",
            "open a.example", "finish, keep upstream")
        play.expectIdle()
    }

    @Test(arguments: Feed.allCases) func anOriginThatClosesIsNotKept(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent(Self.get)
        play.upstream("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        play.expect(
            upstream: Self.getForwarded, agent: Self.okForwarded, "allow", "open a.example", "finish")
        play.expectIdle()
    }

    @Test(arguments: Feed.allCases) func contentOnGETMayDesynchroniseSoTheOriginIsNotKept(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("GET /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nhi")
        play.expect(
            upstream: "GET /a HTTP/1.1|Host: a.example|Content-Length: 2|Connection: close||hi", "allow", "open a.example")
        // It ignores both the content and the wish to close.
        play.upstream(Self.ok)
        play.expect(agent: Self.okForwarded, "finish")
    }

    @Test(arguments: Feed.allCases) func anAnswerBeforeTheRequestIsCompleteEndsBoth(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\nhel")
        play.expect(upstream: "POST /a HTTP/1.1|Host: a.example|Content-Length: 9||hel", "allow", "open a.example")
        play.upstream(Self.ok)
        play.expect(agent: "HTTP/1.1 200 OK|Content-Length: 2|Connection: close||ok", "finish", "close agent")
        play.agent("lo you")
        play.expect()
    }

    // Refusals

    @Test(arguments: Feed.allCases) func refusedWithoutContentTheConnectionGoesOn(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("GET /no HTTP/1.1\r\nHost: a.example\r\n\r\n")
        play.expect(agent: "<403 http.path_not_allowed open>", "deny http.path_not_allowed")
        play.expectIdle()
        play.agent("HEAD /no HTTP/1.1\r\nHost: a.example\r\n\r\n")
        play.expect(agent: "<403 http.path_not_allowed open>bare", "deny http.path_not_allowed")
        play.agent(Self.get)
        play.expect(upstream: Self.getForwarded, "allow", "open a.example")
    }

    /// An HTTP/1.0 agent reads to the connection's end unless it is promised otherwise, and a refusal promises nothing.
    @Test(arguments: Feed.allCases) func refusedInHTTP10TheConnectionEnds(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("GET /no HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n")
        play.expect(agent: "<403 http.path_not_allowed close>", "deny http.path_not_allowed", "close agent")
    }

    @Test(arguments: Feed.allCases) func refusedWithContentItDrainsAndCloses(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /no HTTP/1.1\r\nHost: a.example\r\nContent-Length: 60\r\n\r\nGET /a HTTP/1.1\r\nHost: a.example\r\n\r\n")
        play.expect(agent: "<403 http.path_not_allowed close>", "deny http.path_not_allowed", "close agent")
        play.agent(Self.get)
        play.expect()
        let judged = play.judged
        #expect(judged == 1, "what follows a refusal is no request")
        play.agentCloses()
        play.expect("close agent")
    }

    @Test(arguments: [Feed.whole, .bySevens]) func drainingHasALimit(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /no HTTP/1.1\r\nHost: a.example\r\nContent-Length: 99999999\r\n\r\n")
        play.expect(agent: "<403 http.path_not_allowed close>", "deny http.path_not_allowed", "close agent")
        play.agent(String(repeating: "x", count: Limits.drainedBytes))
        play.expect()
        play.agent("x")
        play.expect("close agent")
        play.expectDeaf()
    }

    @Test(arguments: Feed.allCases) func aBrokenHeadIsAnsweredAndNothingOfItForwarded(feed: Feed) {
        for (text, reason) in [
            ("GET /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400 http.malformed"),
            ("GET /a HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n", "400 http.malformed"),
            ("GET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n", "400 http.malformed"),
            ("GET /\(String(repeating: "a", count: 17_000)) HTTP/1.1\r\n", "414 http.head_too_large"),
            ("GET /a HTTP/1.1\r\nX: \(String(repeating: "a", count: 66_000))", "431 http.head_too_large"),
        ] where feed != .byteByByte || text.count < 1000 {
            var play = HTTPPlaybook(feed)
            play.agent(text)
            play.expect(agent: "<\(reason) close>", "deny \(reason.dropFirst(4))", "close agent")
        }
    }

    @Test(arguments: Feed.allCases) func aViolationInContentStopsThere(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        play.expect(
            upstream: "POST /a HTTP/1.1|Host: a.example|Transfer-Encoding: chunked||{hello…", "allow", "open a.example")
        play.agent("5\r\nworldXX")
        let sent = String(decoding: play.takeUpstreamBytes(), as: UTF8.self)
        #expect(feed == .whole ? sent == "" : !sent.contains("XX") && !sent.contains("0\r\n\r\n"))
        play.expect(agent: "<400 http.malformed close>", "drop upstream", "deny http.malformed", "close agent")
    }

    @Test func aViolationInTheSameBytesAsTheHeadForwardsNothing() {
        var play = HTTPPlaybook(.whole)
        play.agent("POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX")
        play.expect(
            agent: "<400 http.malformed close>", "allow", "open a.example", "drop upstream", "deny http.malformed",
            "close agent")
    }

    @Test(arguments: Feed.allCases) func aViolationAfterTheAnswerBeganEndsBoth(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
        play.upstream("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
        play.expect(
            upstream: "POST /a HTTP/1.1|Host: a.example|Transfer-Encoding: chunked||{x…",
            agent: "HTTP/1.1 200 OK|Content-Length: 9|Connection: close||ok", "allow", "open a.example")
        play.agent("zz\r\n")
        play.expect("drop upstream", "deny http.malformed", "drop upstream", "abort agent")
    }

    @Test(arguments: Feed.allCases) func aHeadIsHeldUntilItsBodyBegins(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\n")
        play.expect("allow", "open a.example")
        play.agent("h")
        play.expect(upstream: "POST /a HTTP/1.1|Host: a.example|Content-Length: 2||h")
    }

    @Test(arguments: Feed.allCases) func anOriginNeverSeesAHeadWhoseFirstChunkIsBroken(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        play.expect(
            agent: "<400 http.malformed close>", "allow", "open a.example", "drop upstream", "deny http.malformed",
            "close agent")
    }

    @Test(arguments: Feed.allCases) func anAnswerBeforeTheRequestIsNoAnswer(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\n")
        play.upstream("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        play.expect(
            agent: "<502 http.upstream_malformed close>", "allow", "open a.example", "deny http.upstream_malformed",
            "drop upstream", "close agent")
    }

    // Origins that misbehave

    @Test(arguments: Feed.allCases) func aBrokenAnswerIsReplacedWhileThereIsTime(feed: Feed) {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "SSH-2.0-x\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "HTTP/1.1 700 No\r\n\r\n",
        ] {
            var play = HTTPPlaybook(feed)
            play.agent(Self.get)
            play.upstream(text)
            play.expect(
                upstream: Self.getForwarded, agent: "<502 http.upstream_malformed close>", "allow", "open a.example",
                "deny http.upstream_malformed", "drop upstream", "close agent")
        }
    }

    @Test(arguments: Feed.allCases) func aBrokenAnswerThatBeganIsCutOff(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent(Self.get)
        play.upstream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
        play.expect(
            upstream: Self.getForwarded, agent: "HTTP/1.1 200 OK|Transfer-Encoding: chunked||{ok…", "allow", "open a.example")
        play.upstream("xx\r\n")
        play.expect("deny http.upstream_malformed", "drop upstream", "abort agent")
    }

    @Test func bytesBehindAnAnswerMakeTheConnectionUseless() {
        var play = HTTPPlaybook(.whole)
        play.agent(Self.get)
        play.upstream(Self.ok + Self.ok)
        play.expect(
            upstream: Self.getForwarded, agent: Self.okForwarded, "allow", "open a.example", "finish")
    }

    @Test(arguments: Feed.allCases) func anAnswerNobodyAskedForIsDropped(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.upstream("HTTP/1.1 200 OK\r\n")
        let commands = play.lastCommands(1)
        #expect(commands == ["drop upstream"])
        play.expectIdle()
        play.agent(Self.get)
        play.upstream(Self.ok)
        let end = play.lastCommands(1)
        #expect(end == ["finish, keep upstream"])
    }

    @Test(arguments: Feed.allCases) func unreachableOriginsAreExplained(feed: Feed) {
        for (reason, status) in [(Reason.upstreamUnreachable, 502), (.upstreamTimeout, 504), (.tlsUpstreamUntrusted, 502)] {
            var play = HTTPPlaybook(feed)
            play.agent(Self.get)
            play.upstreamFails(reason)
            play.expect(
                upstream: Self.getForwarded, agent: "<\(status) \(reason.rawValue) close>", "allow", "open a.example",
                "deny \(reason.rawValue)", "drop upstream", "close agent")
        }
    }

    // Sending again

    @Test(arguments: Feed.allCases) func aKeptConnectionThatClosedIsReplacedOnce(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent(Self.get)
        play.expect(upstream: Self.getForwarded, "allow", "open a.example")
        let again = play.upstreamCloses(reused: true)
        #expect(again == Self.get)
        play.expect()
        let third = play.upstreamCloses(reused: true)
        #expect(third == nil)
        play.expect(agent: "<502 upstream.closed close>", "deny upstream.closed", "drop upstream", "close agent")
    }

    /// Request, whether the connection had served before, what came of an answer.
    static let notAgain: [(String, Bool, String)] = [
        (get, false, ""), (get, true, "HTTP/1.1 2"), ("POST /a HTTP/1.1\r\nHost: a.example\r\n\r\n", true, ""),
        ("POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n", true, ""),
        ("PATCH /a HTTP/1.1\r\nHost: a.example\r\n\r\n", true, ""),
        ("PUT /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nhi", true, ""),
    ]

    @Test(arguments: notAgain) func nothingElseIsSentAgain(request: String, reused: Bool, answer: String) {
        var play = HTTPPlaybook(.whole)
        play.agent(request)
        play.upstream(answer)
        let again = play.upstreamCloses(reused: reused)
        #expect(again == nil)
        let end = play.lastCommands(3)
        #expect(end == ["deny upstream.closed", "drop upstream", "close agent"])
    }

    // Agents that go

    @Test(arguments: Feed.allCases) func anAgentThatHasSaidAllStillGetsItsAnswer(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent(Self.get)
        play.agentCloses()
        play.expect(upstream: Self.getForwarded, "allow", "open a.example")
        play.upstream(Self.ok)
        play.expect(
            agent: "HTTP/1.1 200 OK|Content-Length: 2|Connection: close||ok", "finish, keep upstream", "close agent")
    }

    @Test(arguments: Feed.allCases) func anAgentThatGoesInTheMiddleTakesTheOriginAlong(feed: Feed) {
        var play = HTTPPlaybook(feed)
        play.agent("POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\nhel")
        play.agentCloses()
        play.expect(
            upstream: "POST /a HTTP/1.1|Host: a.example|Content-Length: 9||hel", "allow", "open a.example", "drop upstream",
            "abort agent")
        play.agentCloses()
        play.expect()
    }

    @Test(arguments: Feed.allCases) func anAnswerOnItsWayIsNotTakenBack(feed: Feed) {
        for request in ["GET /no HTTP/1.1\r\nHost: a.example\r\n\r\n", Self.get] {
            var play = HTTPPlaybook(feed)
            play.agent(request)
            play.upstream(request == Self.get ? Self.ok : "")
            play.agentCloses()
            let end = play.lastCommands(1)
            #expect(end == ["close agent"])
            play.expectDeaf()
        }
    }
}
