internal import CLinux
internal import Glibc

/// What is in a folder.
package enum FolderListing {
    /// The names in it, in no order; none for a folder that is not there.
    package static func names(in folder: String) -> [String] { entries(in: folder).map(\.name) }

    static func entries(in folder: String) -> [(name: String, isFolder: Bool)] {
        // SAFETY: the directory stream is closed below; names are copied.
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var entries: [(name: String, isFolder: Bool)] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            entries.append((name, unsafe entry.pointee.d_type == UInt8(DT_DIR)))
        }
        return entries
    }
}
