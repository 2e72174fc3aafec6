import Testing

@testable import TLSInterception

@Suite("PEM")
struct PEMTests {
    @Test(arguments: [0, 1, 2, 3, 47, 48, 49, 1000]) func readsWhatItWrites(count: Int) {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let text = Array("# comment\n".utf8) + PEM.block("CERTIFICATE", content) + PEM.block("OTHER", [1]) + PEM.block("CERTIFICATE", [2])
        #expect(PEM.blocks("CERTIFICATE", in: text.span) == [content, [2]])
        #expect(text.split(separator: UInt8(ascii: "\n")).allSatisfy { $0.count <= 64 })
    }

    @Test(arguments: [
        "-----BEGIN CERTIFICATE-----\nAA==", "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAA=A\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nA!AA\n-----END CERTIFICATE-----", "", "-----BEGIN CERTIFICATE",
    ])
    func leavesRubbishOut(text: String) {
        let bytes = Array(text.utf8)
        #expect(PEM.blocks("CERTIFICATE", in: bytes.span) == [])
    }
}
