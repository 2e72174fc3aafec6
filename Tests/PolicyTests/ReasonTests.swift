import Policy
import Testing

@Suite("Reasons")
struct ReasonTests {
    @Test(arguments: Reason.allCases)
    func codesAreStableIdentifiers(reason: Reason) {
        let parts = reason.rawValue.split(separator: ".")
        #expect(parts.count == 2)
        #expect(reason.rawValue.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x2e || $0 == 0x5f })
    }
}
