import GatewayCore
import Testing
import WireFormats

@Suite("Pins")
struct PinTableTests {
    private let agent = AgentID(number: 1)
    private let web = IPAddress(v4: 0x5db8_d822)
    private let start = Timestamp(nanoseconds: 5)

    private func names(_ table: PinTable, _ agent: AgentID, _ address: IPAddress, at now: Timestamp) -> [String] {
        var names: [String] = []
        _ = table.contains(address, for: agent, at: now) { name in
            names.append(name.text)
            return false
        }
        return names.sorted()
    }

    @Test func aPinLivesAsLongAsItsAnswerAndTheGrace() throws {
        var table = PinTable()
        let pinned = table.pin([web], to: try HostName("a.example"), for: agent, timeToLive: 10, at: start)
        #expect(pinned)
        let end = start.advanced(bySeconds: 10 + Limits.pinGraceSeconds)
        #expect(names(table, agent, web, at: Timestamp(nanoseconds: end.nanoseconds - 1)) == ["a.example"])
        #expect(names(table, agent, web, at: end) == [])
        #expect(table.addresses(of: try HostName("a.example"), for: agent, at: end) == [])
    }

    @Test func aShorterAnswerDoesNotShortenALongerOne() throws {
        var table = PinTable()
        let name = try HostName("a.example")
        _ = table.pin([web], to: name, for: agent, timeToLive: 1000, at: start)
        _ = table.pin([web], to: name, for: agent, timeToLive: 1, at: start)
        #expect(names(table, agent, web, at: start.advanced(bySeconds: 1000)) == ["a.example"])
        #expect(table.count == 1)
    }

    @Test func agentsAndAddressesShareNothing() throws {
        var table = PinTable()
        let other = AgentID(number: 2)
        _ = table.pin([web], to: try HostName("a.example"), for: agent, timeToLive: 10, at: start)
        _ = table.pin([web], to: try HostName("b.example"), for: other, timeToLive: 10, at: start)
        #expect(names(table, agent, web, at: start) == ["a.example"])
        #expect(names(table, other, web, at: start) == ["b.example"])
        #expect(names(table, agent, IPAddress(v4: 0x5db8_d823), at: start) == [])
        #expect(names(table, agent, IPAddress(v6High: 0, low: 0xffff_5db8_d822), at: start) == [])
    }

    @Test func anAddressHasManyNamesUpToALimit() throws {
        var table = PinTable()
        for index in 0..<Limits.namesPerAddress {
            let pinned = table.pin([web], to: try HostName("n\(index).example"), for: agent, timeToLive: 10, at: start)
            #expect(pinned)
        }
        let late = try HostName("late.example")
        let other = IPAddress(v4: 0x5db8_d823)
        let refused = table.pin([other, web], to: late, for: agent, timeToLive: 10, at: start)
        #expect(!refused)
        #expect(names(table, agent, other, at: start) == [], "nothing of a refused answer is pinned")
        // A known name is renewed all the same, and room comes back with time.
        let renewed = table.pin([web], to: try HostName("n1.example"), for: agent, timeToLive: 10, at: start)
        #expect(renewed)
        let later = start.advanced(bySeconds: 10 + Limits.pinGraceSeconds)
        let pinned = table.pin([web], to: late, for: agent, timeToLive: 10, at: later)
        #expect(pinned && names(table, agent, web, at: later) == ["late.example"])
    }

    @Test func theWholeTableHasALimitToo() throws {
        var table = PinTable()
        let name = try HostName("a.example")
        let addresses = (0..<Limits.pins).map { IPAddress(v4: 0x5d00_0000 + UInt32($0)) }
        let filled = table.pin(addresses, to: name, for: agent, timeToLive: 10, at: start)
        #expect(filled && table.count == Limits.pins)
        let refused = table.pin([web], to: name, for: agent, timeToLive: 10, at: start)
        #expect(!refused)
        // What is in the table can be renewed even when it is full.
        let renewed = table.pin([addresses[0]], to: name, for: agent, timeToLive: 10, at: start)
        #expect(renewed)
        let later = start.advanced(bySeconds: 11 + Limits.pinGraceSeconds)
        let pinned = table.pin([web], to: name, for: agent, timeToLive: 10, at: later)
        #expect(pinned && table.count == 1, "expired ones made room")
    }

    @Test func knowsTheAddressesOfAName() throws {
        var table = PinTable()
        let six = IPAddress(v6High: 0x2606_2800_0220_0001, low: 0x34)
        _ = table.pin([web, six], to: try HostName("a.example"), for: agent, timeToLive: 10, at: start)
        _ = table.pin([IPAddress(v4: 0x5db8_d823)], to: try HostName("b.example"), for: agent, timeToLive: 10, at: start)
        #expect(Set(table.addresses(of: try HostName("a.example"), for: agent, at: start)) == [web, six])
    }

    @Test func timesDoNotWrapAround() {
        #expect(Timestamp(nanoseconds: 5).advanced(bySeconds: .max) == Timestamp(nanoseconds: .max))
        #expect(Timestamp(nanoseconds: .max).advanced(bySeconds: 1) == Timestamp(nanoseconds: .max))
    }
}
