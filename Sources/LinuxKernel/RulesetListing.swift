/// The gateway's tables of the thread's network namespace, as nft(8) prints them.
package enum RulesetListing {
    package struct Found: Hashable, Sendable {
        package var text: String
        /// Family and name of each, as in `inet portcullis`.
        package var tables: [String]
        /// True where the text is cut off at the limit.
        package var isTruncated: Bool
    }

    /// The most text of one namespace's tables, in bytes: sets of ten thousand addresses fit.
    package static let limitBytes = 16 << 20

    /// Every table whose name begins with `portcullis` and is made of letters, digits, `-`, `.` and `_`; none is a listing
    /// of none.
    package static func read(limitBytes: Int = Self.limitBytes) throws(RulesetError) -> Found {
        // The list of tables is bounded like the text: somebody else's names are no reason to run out of memory.
        var found = Found(text: "", tables: [], isTruncated: false)
        for table in tables(in: try RulesetText.answer(to: "list tables\n", limitBytes: 1 << 20).text) {
            let left = limitBytes - found.text.utf8.count
            do {
                let answer = try RulesetText.answer(to: "list table \(table)\n", limitBytes: left)
                found.text += answer.text
                if !answer.isWhole { found.isTruncated = true }
                found.tables.append(table)
            } catch {
                // Taken away meanwhile.
                guard case .refused(let text) = error, text.contains("No such file") else { throw error }
            }
        }
        return found
    }

    /// - Parameter list: what `list tables` prints: `table inet portcullis`, a line each.
    static func tables(in list: String) -> [String] {
        // By bytes: a line feed behind a carriage return is no character of its own.
        list.utf8.split(separator: UInt8(ascii: "\n")).map(Substring.init).compactMap { line in
            let words = line.split(separator: " ")
            // The name becomes part of a command. Root of a guarded namespace may give tables any name; ours are plain.
            guard words.count == 3, words[0] == "table", words[2].hasPrefix("portcullis"),
                (words[1] + words[2]).utf8.allSatisfy({ byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
                    default: false
                    }
                })
            else { return nil }
            return "\(words[1]) \(words[2])"
        }
    }
}
