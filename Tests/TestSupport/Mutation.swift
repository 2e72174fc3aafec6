/// Broken variants of good messages.
package enum Mutation {
    /// Numbers at which lengths and counts turn over.
    private static let edges: [UInt8] = [0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xfe, 0xff]

    /// `bytes` with one to four changes: bits flipped, bytes set, inserted, removed, doubled, the end cut.
    package static func of(_ bytes: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...result.count, using: &generator)
            let isInside = place < result.count
            switch Int.random(in: 0..<7, using: &generator) {
            case 0 where isInside: result[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            case 1 where isInside: result[place] = UInt8.random(in: 0...255, using: &generator)
            case 2 where isInside: result[place] = edges.randomElement(using: &generator) ?? 0
            case 3 where isInside: result.remove(at: place)
            case 4 where isInside:
                let end = min(result.count, place + Int.random(in: 1...16, using: &generator))
                result.insert(contentsOf: result[place..<end], at: place)
            case 5: result.removeSubrange(place...)
            default: result.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            }
        }
        return result
    }
}
