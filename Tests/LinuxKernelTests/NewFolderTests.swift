import Glibc
@testable import LinuxKernel
import Testing

@Suite("Folders that come to be whole")
struct NewFolderTests {
    /// A folder for one test, taken away with all that is in it.
    private final class Place {
        let path: String

        init() throws {
            var characters = Array("/tmp/portcullis-test-XXXXXX".utf8CString)
            guard unsafe mkdtemp(&characters) != nil else { throw SystemCallError("make a folder", number: errno) }
            path = String(decoding: characters.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        deinit { remove(path) }

        private func remove(_ path: String) {
            for name in names(path) { remove("\(path)/\(name)") }
            _ = unsafe Glibc.remove(path)
        }

        func names(_ path: String? = nil) -> [String] {
            var names: [String] = []
            try? ProcessFolder.forEachName(in: path ?? self.path) { name in
                names.append(name)
                return true
            }
            return names.sorted()
        }
    }

    private static func mode(_ path: String) -> UInt32 {
        var information = stat()
        return unsafe lstat(path, &information) == 0 ? information.st_mode & 0o7777 : 0
    }

    @Test func itIsThereWhenItIsWhole() throws {
        let place = try Place()
        let old = umask(0)
        defer { umask(old) }
        var folder = try NewFolder(place.path + "/new//")
        try folder.makeFile("a") { try $0.write(Array("hello".utf8)) }
        try folder.makeFolder("sub")
        try folder.makeFile("sub/b") { try $0.write([]) }
        #expect(!place.names().contains("new"))
        try folder.putIntoPlace()
        #expect(place.names() == ["new"] && place.names(place.path + "/new") == ["a", "sub"])
        #expect(try FileText.read(place.path + "/new/a", limit: 10) == Array("hello".utf8))
        #expect(Self.mode(place.path + "/new") == 0o700 && Self.mode(place.path + "/new/sub") == 0o700)
        #expect(Self.mode(place.path + "/new/a") == 0o600 && Self.mode(place.path + "/new/sub/b") == 0o600)
    }

    private struct Stop: Error {}

    @Test func nothingIsLeftOfOneThatFails() throws {
        let place = try Place()
        do {
            var folder = try NewFolder(place.path + "/new")
            try folder.makeFolder("sub")
            try folder.makeFile("sub/a") { try $0.write([1]) }
            #expect(throws: Stop.self) { try folder.makeFile("b") { _ in throw Stop() } }
            #expect(place.names().count == 1)
        }
        #expect(place.names() == [])
    }

    @Test func aFileThatIsTakenAwayIsGone() throws {
        let place = try Place()
        var folder = try NewFolder(place.path + "/new")
        try folder.makeFile("a") { _ in }
        try folder.makeFile("b") { _ in }
        folder.removeFile("a")
        #expect(throws: SystemCallError.self) { try folder.makeFile("b") { _ in } }
        try folder.putIntoPlace()
        #expect(place.names(place.path + "/new") == ["b"])
    }

    @Test func anEmptyFolderIsReplaced() throws {
        let place = try Place()
        try FileText.makeFolder(place.path + "/new", mode: 0o755)
        var folder = try NewFolder(place.path + "/new")
        try folder.putIntoPlace()
        #expect(place.names() == ["new"] && Self.mode(place.path + "/new") == 0o700)
    }

    @Test func somebodysThingsAreNot() throws {
        let place = try Place()
        try FileText.makeFolder(place.path + "/full", mode: 0o755)
        try FileText.write([1], to: place.path + "/full/x", mode: 0o600)
        try FileText.write([1], to: place.path + "/file", mode: 0o600)
        try FileText.makeFolder(place.path + "/empty", mode: 0o755)
        #expect(unsafe symlink(place.path + "/empty", place.path + "/link") == 0)
        let before = place.names()
        for (name, number) in [("full", ENOTEMPTY), ("file", EEXIST), ("link", EEXIST), ("no/such", ENOENT), ("file/x", ENOTDIR)] {
            var failure: SystemCallError?
            do throws(SystemCallError) { _ = try NewFolder("\(place.path)/\(name)") } catch { failure = error }
            #expect(failure?.number == number, "\(name): \(String(describing: failure))")
        }
        for path in ["", "/", ".", "..", place.path + "/.."] {
            var failure: SystemCallError?
            do throws(SystemCallError) { _ = try NewFolder(path) } catch { failure = error }
            #expect(failure?.number == EINVAL, "\(path)")
        }
        #expect(place.names() == before)
    }

    /// Filled by somebody while the bundle was made.
    @Test func whatWasFilledMeanwhileIsNotReplaced() throws {
        let place = try Place()
        do {
            var folder = try NewFolder(place.path + "/new")
            try FileText.makeFolder(place.path + "/new", mode: 0o755)
            try FileText.write([1], to: place.path + "/new/x", mode: 0o600)
            var failure: SystemCallError?
            do throws(SystemCallError) { try folder.putIntoPlace() } catch { failure = error }
            #expect(failure?.number == ENOTEMPTY || failure?.number == EEXIST)
        }
        #expect(place.names() == ["new"] && place.names(place.path + "/new") == ["x"])
    }

    // MARK: Plain files

    @Test func readsAtOffsets() throws {
        let place = try Place()
        try FileText.write(Array("0123456789".utf8), to: place.path + "/f", mode: 0o600)
        let file = try PlainFile(place.path + "/f")
        #expect(file.size == 10)
        #expect(try file.read(at: 3, count: 4) == Array("3456".utf8))
        #expect(try file.read(at: 8, count: 4) == Array("89".utf8))
        #expect(try file.read(at: 20, count: 4) == [])
        #expect(file.isOpen(in: getpid()) == true && file.isOpen(in: -1) == nil)
    }

    @Test func whatIsNoPlainFileIsNotRead() throws {
        let place = try Place()
        try FileText.write([], to: place.path + "/f", mode: 0o600)
        #expect(unsafe symlink(place.path + "/f", place.path + "/link") == 0)
        #expect(unsafe mkfifo(place.path + "/pipe", 0o600) == 0)
        for (path, number) in [
            (place.path + "/link", ELOOP), (place.path + "/pipe", EINVAL), ("/dev/zero", EINVAL), (place.path, EINVAL),
            (place.path + "/none", ENOENT),
        ] {
            var failure: SystemCallError?
            do throws(SystemCallError) { _ = try PlainFile(path) } catch { failure = error }
            #expect(failure?.number == number, "\(path)")
        }
    }

    @Test func pathsAreMadeAbsolute() {
        #expect(FileText.absolute("/a/b") == "/a/b")
        #expect(FileText.absolute("x").hasSuffix("/x") && FileText.absolute("x").hasPrefix("/"))
    }
}
