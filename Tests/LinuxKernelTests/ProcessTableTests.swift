import Glibc
@testable import LinuxKernel
import Testing

@Suite("Processes")
struct ProcessTableTests {
    private static let own = getpid()

    private static func entry() throws -> ProcessEntry {
        let found = try ProcessTable.find(ProcessSelection(processes: [own]), details: true)
        try #require(found.entries.count == 1 && !found.isTruncated)
        return found.entries[0]
    }

    @Test func findsThisProcess() throws {
        let entry = try Self.entry()
        #expect(entry.process == Self.own && entry.parent == getppid())
        #expect(entry.start == ProcessSettings.startTime(of: Self.own))
        #expect(entry.realUser == getuid() && entry.effectiveUser == geteuid())
        #expect(entry.threads >= 1)
        let namespace = try NetworkNamespace.current()
        #expect(try entry.networkNamespace == NetworkNamespace.identifier(namespace))
        #expect(entry.processNamespace != nil)
        let details = try #require(entry.details)
        #expect(details.executable?.hasPrefix("/") == true)
        #expect(details.argumentCount == CommandLine.arguments.count && !details.hasMoreArguments)
    }

    @Test func aSocketIsFoundByItsHolder() throws {
        let socket = try NetlinkSocket(family: 0)
        var information = stat()
        #expect(unsafe fstat(socket.descriptor.number, &information) == 0)
        #expect(try Self.entry().details?.sockets.contains(UInt64(information.st_ino)) == true)
    }

    /// What a process starts in a namespace of its own making is still in the one that it was put into.
    @Test func aNamespaceBelowIsFoundByTheOneAbove() throws {
        let own = try #require(try Self.entry().processNamespace)
        let process = try Self.spawn(["unshare", "--user", "--pid", "--fork", "sleep", "30"])
        defer { Self.end(process) }
        for _ in 0..<200 {
            let found = try ProcessTable.find(ProcessSelection(processNamespaces: [own])).entries
            if let inner = found.first(where: { $0.parent == process && $0.processNamespace != own }) {
                #expect(inner.processNamespaces.starts(with: [inner.processNamespaces[0], own]))
                #expect(ProcessSelection(processNamespaces: [inner.processNamespaces[0]]).contains(inner))
                kill(inner.process, SIGKILL)
                return
            }
            usleep(20_000)
        }
        Issue.record("no process in a namespace of its own was found")
    }

    private static func spawn(_ words: [String]) throws -> pid_t {
        var process: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { for unsafe argument in unsafe arguments { unsafe free(argument) } }
        try #require(unsafe posix_spawnp(&process, words[0], nil, nil, &arguments, environ) == 0)
        return process
    }

    private static func end(_ process: pid_t) {
        kill(process, SIGKILL)
        _ = waitpid(process, nil, 0)
    }

    @Test func detailsAreReadOnlyWhenAskedFor() throws {
        #expect(try ProcessTable.find(ProcessSelection(processes: [Self.own])).entries.first?.details == nil)
    }

    @Test func nobodyIsSelectedByNothing() throws {
        #expect(try ProcessTable.find(ProcessSelection()).entries.isEmpty)
    }

    @Test func aListThatIsCutShortSaysSo() throws {
        let own = try Self.entry()
        let everybody = ProcessSelection(networkNamespaces: [try #require(own.networkNamespace)])
        let found = try ProcessTable.find(everybody, limit: 1)
        #expect(found.entries.count == 1)
        // The test's own process and the one that started it.
        #expect(found.isTruncated)
    }

    static let example = ProcessEntry(
        process: 7, parent: 1, start: 5, realUser: 1000, effectiveUser: 1001, state: "S", name: "x", threads: 1,
        cgroup: "agents/one", processNamespaces: [11, 10], networkNamespace: 22)

    @Test(arguments: [
        (ProcessSelection(users: [1000]), true), (ProcessSelection(users: [1001]), true), (ProcessSelection(users: [0]), false),
        (ProcessSelection(cgroups: ["agents"]), true), (ProcessSelection(cgroups: ["agents/one"]), true),
        (ProcessSelection(cgroups: ["agents/on"]), false), (ProcessSelection(cgroups: ["agents/one/two"]), false),
        (ProcessSelection(cgroups: [""]), true),
        (ProcessSelection(processNamespaces: [11]), true), (ProcessSelection(processNamespaces: [10]), true), (ProcessSelection(processNamespaces: [22]), false),
        (ProcessSelection(networkNamespaces: [22]), true), (ProcessSelection(networkNamespaces: [11]), false),
        (ProcessSelection(processes: [7]), true), (ProcessSelection(processes: [8]), false),
        (ProcessSelection(users: [1000], excluded: [7]), false), (ProcessSelection(), false),
    ])
    func selects(selection: ProcessSelection, isSelected: Bool) {
        #expect(selection.contains(Self.example) == isSelected)
    }

    @Test func aProcessThatIsEndingIsInNoNamespace() {
        var entry = Self.example
        entry.processNamespaces = []
        entry.networkNamespace = nil
        entry.cgroup = nil
        #expect(!ProcessSelection(cgroups: [""], processNamespaces: [11], networkNamespaces: [22]).contains(entry))
        #expect(ProcessSelection(users: [1000]).contains(entry))
    }

    /// A program whose first thread has ended goes on in the others, and is found where those are.
    @Test func aProcessWithoutItsFirstThreadIsFound() throws {
        let own = try Self.entry()
        let script = """
            import ctypes, threading, time
            threading.Thread(target=time.sleep, args=(30,)).start()
            ctypes.CDLL(None).pthread_exit(None)
            """
        let process = try Self.spawn(["python3", "-c", script])
        defer { Self.end(process) }
        let selection = ProcessSelection(networkNamespaces: [try #require(own.networkNamespace)])
        for _ in 0..<200 {
            let entry = try ProcessTable.find(selection).entries.first { $0.process == process }
            if let entry, entry.state == "Z" {
                #expect(entry.networkNamespace == own.networkNamespace && entry.processNamespace == own.processNamespace)
                #expect(entry.threads > 1)
                return
            }
            usleep(20_000)
        }
        Issue.record("the first thread did not end")
    }
}
