import Testing

@testable import TLSInterception

@Suite("Bounded cache")
struct BoundedCacheTests {
    @Test func forgetsWhatWasUnusedForTheLongestTime() {
        var cache = BoundedCache<Int, String>(capacity: 3)
        for key in 1...3 { cache.insert("\(key)", for: key) }
        #expect(cache.value(for: 1) == "1")
        cache.insert("4", for: 4)
        #expect(cache.value(for: 2) == nil)
        cache.insert("three", for: 3)
        cache.insert("5", for: 5)
        #expect(cache.value(for: 1) == nil)
        #expect(cache.value(for: 3) == "three")
        #expect(cache.count == 3)
        #expect(cache.remove(3) == "three")
        #expect(cache.remove(3) == nil)
        #expect(cache.count == 2)
    }

    /// Against a plain list, over a long run of operations from a fixed seed.
    @Test(arguments: [1, 2, 7]) func agreesWithAList(capacity: Int) {
        var cache = BoundedCache<Int, Int>(capacity: capacity)
        var list: [(key: Int, value: Int)] = []
        var state: UInt64 = 42
        for step in 0..<5000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let key = Int(state >> 33) % (2 * capacity + 1)
            let found = list.firstIndex { $0.key == key }
            switch state >> 60 % 4 {
            case 0:
                #expect(cache.remove(key) == found.map { list[$0].value })
                if let found { list.remove(at: found) }
            case 1:
                #expect(cache.value(for: key) == found.map { list[$0].value })
                if let found { list.append(list.remove(at: found)) }
            default:
                cache.insert(step, for: key)
                if let found { list.remove(at: found) } else if list.count == capacity { list.removeFirst() }
                list.append((key, step))
            }
            #expect(cache.count == list.count)
        }
    }
}
