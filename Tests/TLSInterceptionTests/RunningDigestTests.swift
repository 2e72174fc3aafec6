import Testing
import TLSInterception

@Suite("Digests in pieces")
struct RunningDigestTests {
    /// FIPS 180-4, the examples of NIST.
    @Test func knownValues() {
        #expect("\(RunningDigest().finish())" == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var digest = RunningDigest()
        digest.add(Array("abc".utf8))
        #expect("\(digest.finish())" == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(arguments: [1, 63, 64, 65, 1000]) func piecesMakeNoDifference(size: Int) {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var digest = RunningDigest()
        for start in stride(from: 0, to: bytes.count, by: size) { digest.add(Array(bytes[start..<min(start + size, bytes.count)])) }
        digest.add([])
        #expect(digest.finish() == Digest(of: bytes))
    }
}
