import Testing
import WireFormats

/// Feeds bytes to a parser at once and one by one, and insists on the same answer.
enum HTTP1Feed {
    static func bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

    /// - Parameter text: scalars up to U+00FF stand for bytes.
    static func request(_ text: String, limits: HTTP1Limits = .standard) throws(HTTP1Violation) -> (head: HTTP1RequestHead, consumed: Int)? {
        let all = bytes(text)
        let whole = Result { () throws(HTTP1Violation) in try HTTP1RequestHead.parse(all.span, limits: limits) }
        var scanFrom = 0
        for count in 0...all.count {
            let part = Array(all.prefix(count))
            let step = Result { () throws(HTTP1Violation) in try HTTP1RequestHead.parse(part.span, scanFrom: scanFrom, limits: limits) }
            switch (step, whole) {
            case (.success(.needMore(let next)), _):
                #expect(next >= scanFrom && next <= count, "progress goes forward")
                scanFrom = next
            case (.failure(let violation), .failure(let other)):
                #expect(violation == other)
                throw violation
            case (.success(.head(let head, let consumed)), .success(.head(let other, let otherConsumed))):
                #expect(consumed == otherConsumed && consumed == count)
                #expect(head.section == other.section)
                return (head, consumed)
            case (.success(.head), _), (.failure, _):
                Issue.record("byte by byte: \(step); at once: \(whole)")
                return nil
            }
        }
        guard case .success(.needMore) = whole else {
            Issue.record("byte by byte: more; at once: \(whole)")
            return nil
        }
        return nil
    }

    static func response(_ text: String, answeringHEAD: Bool = false) throws(HTTP1Violation) -> HTTP1ResponseHead? {
        let all = bytes(text)
        let whole = Result { () throws(HTTP1Violation) in try HTTP1ResponseHead.parse(all.span, answeringHEAD: answeringHEAD) }
        var scanFrom = 0
        for count in 0...all.count {
            let part = Array(all.prefix(count))
            let step = Result { () throws(HTTP1Violation) in
                try HTTP1ResponseHead.parse(part.span, answeringHEAD: answeringHEAD, scanFrom: scanFrom)
            }
            switch (step, whole) {
            case (.success(.needMore(let next)), _): scanFrom = next
            case (.failure(let violation), .failure(let other)):
                #expect(violation == other)
                throw violation
            case (.success(.head(let head, _)), .success(.head(let other, _))):
                #expect(head.section == other.section)
                return head
            case (.success(.head), _), (.failure, _):
                Issue.record("byte by byte: \(step); at once: \(whole)")
                return nil
            }
        }
        return nil
    }

    /// What chunked content decodes to.
    struct Content: Equatable {
        var payload: String
        /// Names and values, joined.
        var trailers: [String]
        /// Bytes behind the end.
        var rest: Int
    }

    /// - Returns: `nil` when the content is not complete.
    static func chunked(_ text: String, limits: HTTP1Limits = .standard) throws(HTTP1Violation) -> Content? {
        let all = bytes(text)
        let whole = Result { () throws(HTTP1Violation) in try decode(all, step: max(all.count, 1), limits: limits) }
        for step in [1, 2, 3, 7] {
            let parts = Result { () throws(HTTP1Violation) in try decode(all, step: step, limits: limits) }
            #expect(parts == whole, "in steps of \(step)")
        }
        return try whole.get()
    }

    private static func decode(_ all: [UInt8], step: Int, limits: HTTP1Limits) throws(HTTP1Violation) -> Content? {
        var decoder = HTTP1ChunkedDecoder(limits: limits)
        var payload: [UInt8] = []
        var start = 0
        while start < all.count {
            let part = Array(all[start..<min(start + step, all.count)])
            let (consumed, progress) = try decoder.decode(part.span, into: &payload)
            switch progress {
            case .needMore: start += consumed
            case .finished(let trailers):
                return Content(
                    payload: String(decoding: payload, as: UTF8.self),
                    trailers: trailers.fields.map { trailers.text($0.name) + "=" + trailers.text($0.value) },
                    rest: all.count - start - consumed)
            }
        }
        return nil
    }
}
