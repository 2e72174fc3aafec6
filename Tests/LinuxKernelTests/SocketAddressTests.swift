import LinuxKernel
import Testing
import WireFormats

@Suite("Socket addresses")
struct SocketAddressTests {
    @Test(arguments: [("93.184.216.34", "93.184.216.34:443"), ("2606:2800::1", "[2606:2800::1]:443")])
    func printsAsPeopleWriteThem(address: String, text: String) throws {
        #expect(SocketAddress(try #require(IPAddress(address)), port: 443).description == text)
    }
}
