import Glibc
@testable import LinuxKernel
import Testing
import WireFormats

@Suite("Sockets")
struct SocketTableTests {
    static let all: [(String, SocketEntry.Kind)] = [
        (CapturedMessages.Socket.tcp6Marked, .tcp), (CapturedMessages.Socket.tcp4Listener, .tcp), (CapturedMessages.Socket.udp4, .udp),
    ]

    @Test func readsAMarkedConnection() throws {
        let entry = try #require(SocketTable.entry(CapturedMessages.bytes(CapturedMessages.Socket.tcp6Marked), .tcp))
        let loopback = try #require(IPAddress("::1"))
        #expect(
            entry == SocketEntry(
                kind: .tcp, family: .v6, local: loopback, localPort: 0xc03a, remote: loopback, remotePort: 443, state: 1, user: 0,
                inode: 0x3b_ead5, receiveQueue: 0, sendQueue: 0, mark: 0x5043_0105, cgroup: 1))
        #expect(entry.stateName == "ESTAB")
    }

    @Test func readsAListener() throws {
        let entry = try #require(SocketTable.entry(CapturedMessages.bytes(CapturedMessages.Socket.tcp4Listener), .tcp))
        #expect(entry.local == IPAddress("127.0.0.1") && entry.localPort == 443 && entry.remote == IPAddress("0.0.0.0"))
        #expect(entry.stateName == "LISTEN" && entry.sendQueue == 128 && entry.mark == 0)
        var odd = entry
        odd.state = 255
        #expect(odd.stateName == "UNKNOWN")
    }

    @Test(arguments: all) func aMessageThatIsCutShort(text: String, kind: SocketEntry.Kind) throws {
        let bytes = CapturedMessages.bytes(text)
        let whole = try #require(SocketTable.entry(bytes, kind))
        for length in 0..<bytes.count {
            let entry = SocketTable.entry(Array(bytes[..<length]), kind)
            #expect((entry != nil) == (length >= 88), "\(length)")
            if let entry { #expect(entry.inode == whole.inode && (entry.mark == nil || entry.mark == whole.mark)) }
        }
    }

    @Test(arguments: all) func anyByteMayBeAnything(text: String, kind: SocketEntry.Kind) {
        let bytes = CapturedMessages.bytes(text)
        for index in bytes.indices {
            for value in [0, 1, 3, 0x80, 0xff] as [UInt8] {
                var changed = bytes
                changed[index] = value
                let entry = SocketTable.entry(changed, kind)
                #expect(entry != nil || index == 16)
            }
        }
    }

    /// What the kernel lists is what was opened, and the limit cuts it short.
    @Test func listsThisProcesssSockets() throws {
        let socket = Descriptor(owning: socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0)
        var information = stat()
        try #require(unsafe fstat(socket.number, &information) == 0)
        let inode = UInt64(information.st_ino)
        let found = SocketTable.find({ $0.inode == inode }, unix: { _ in false })
        #expect(found.failures.isEmpty && found.malformed == 0 && !found.isTruncated)
        #expect(found.entries.count == 1)
        let entry = try #require(found.entries.first)
        #expect(entry.kind == .udp && entry.local == IPAddress("127.0.0.1") && entry.localPort != 0 && entry.user == getuid())
        #expect(found.unixCount != nil && found.wantedUnixCount == 0)
        let none = SocketTable.find(limit: 0, { $0.inode == inode }, unix: { _ in false })
        #expect(none.entries.isEmpty && none.isTruncated)
    }

    // MARK: Tables of /proc

    static let raw = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
         164: 0100007F:0001 00000000:0000 07 00000002:00000010 00:00000000 00000000  1000        0 3926809 2 00000000291fc5e5 0
        """
    static let raw6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
           45: 0000000000000000FFFF00000100007F:003A B80D0120000000000000000001000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 3926810 2 00000000cd8f5a33 0
        """

    @Test func readsRawSockets() throws {
        let v4 = try #require(SocketText.raw(Self.raw, .v4).first)
        #expect(v4.local == IPAddress("127.0.0.1") && v4.localPort == 1 && v4.user == 1000 && v4.inode == 3_926_809)
        #expect(v4.receiveQueue == 16 && v4.sendQueue == 2 && v4.state == 7 && v4.mark == nil)
        let v6 = try #require(SocketText.raw(Self.raw6, .v6).first)
        #expect(v6.local == IPAddress("::ffff:127.0.0.1") && v6.remote == IPAddress("2001:db8::1") && v6.localPort == 0x3a)
        #expect(SocketText.raw(Self.raw, .v6).isEmpty && SocketText.raw(Self.raw6, .v4).isEmpty)
    }

    /// Of a table that ends anywhere, a socket is read whole or not at all.
    @Test func aTableThatIsCutShort() {
        for length in 0..<Self.raw.utf8.count {
            let found = SocketText.raw(String(Self.raw.prefix(length)), .v4)
            #expect(found.allSatisfy { $0.user == 1000 && $0.local == IPAddress("127.0.0.1") })
        }
    }

    @Test func countsUnixSockets() {
        let table = """
            Num       RefCount Protocol Flags    Type St Inode Path
            00000000aab095a9: 00000002 00000000 00000000 0001 01 3926811 /tmp/a
            b: 00000009 0 0 0 0 12 x
            0000000000fa9c8b: 00000003 00000000 00000000 0001 03 3926813
            0000000000fa9c8c: 00000003 00000000
            """
        // A path with a line feed in it makes a line that may look like one: it is bounded to be as wrong as that.
        #expect(SocketText.unixInodes(table).starts(with: [3_926_811]))
        #expect(SocketText.unixInodes(table).contains(3_926_813) && SocketText.unixInodes(table).count <= 3)
        #expect(SocketText.unixInodes("").isEmpty)
    }

    // MARK: Addresses

    @Test func readsAddresses() throws {
        let v4 = CapturedMessages.bytes(CapturedMessages.Address.v4)
        let v6 = CapturedMessages.bytes(CapturedMessages.Address.v6)
        #expect(RouteSocket.address(v4) == .init(index: 1, address: try #require(IPAddress("127.0.0.1")), prefixLength: 8))
        #expect(RouteSocket.address(v6) == .init(index: 1, address: try #require(IPAddress("::1")), prefixLength: 128))
        for bytes in [v4, v6] {
            for length in 0..<bytes.count {
                let address = RouteSocket.address(Array(bytes[..<length]))
                #expect(address == nil || address == RouteSocket.address(bytes))
            }
        }
    }
}
