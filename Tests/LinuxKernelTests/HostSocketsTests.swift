@testable import LinuxKernel
import Testing

@Suite("Sockets of the host")
struct HostSocketsTests {
    @Test func takesAbsolutePathsOutsideRun() {
        let table = """
            Num       RefCount Protocol Flags    Type St Inode Path
            ffff8881: 00000002 00000000 00010000 0001 01 12345 /tmp/tmux-1000/default
            ffff8882: 00000002 00000000 00010000 0001 01 12346 @/tmp/.X11-unix/X0
            ffff8883: 00000003 00000000 00000000 0001 03 12347
            ffff8884: 00000002 00000000 00010000 0001 01 12348 /run/docker.sock
            ffff8885: 00000002 00000000 00010000 0001 01 12349 /var/run/dbus/system_bus_socket
            ffff8886: 00000002 00000000 00010000 0001 01 12350 /home/a b/with space.sock
            ffff8887: 00000002 00000000 00010000 0001 01 12351 relative.sock
            ffff8888: 00000003 00000000 00000000 0001 03 12352 /tmp/tmux-1000/default
            """
        #expect(HostSockets.paths(in: table) == ["/home/a b/with space.sock", "/tmp/tmux-1000/default"])
    }

    @Test(arguments: ["", "Num", "\n\n\n", "x y z"])
    func aTableWithoutSocketsHasNone(table: String) {
        #expect(HostSockets.paths(in: table).isEmpty)
    }
}
