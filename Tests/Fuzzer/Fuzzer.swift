// The fuzz targets under libFuzzer, which finds its way by coverage where the tests only mutate:
//
//     PORTCULLIS_LIBFUZZER=1 swift build --scratch-path .build-fuzz --product fuzzer \
//         -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld
//     PORTCULLIS_FUZZ_TARGET=dns-query .build-fuzz/debug/fuzzer -max_total_time=60 Tests/FuzzTargets/Corpus/dns-query
//
// New inputs land in the first folder named: name a scratch folder first to keep the corpus small.
internal import FuzzEntryPoints
internal import Glibc

private let target: FuzzTarget = {
    // SAFETY: getenv returns a NUL-terminated string or nothing.
    let name = unsafe getenv("PORTCULLIS_FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fatalError("set PORTCULLIS_FUZZ_TARGET to one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return target
}()

/// Called by libFuzzer for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: libFuzzer hands over `size` bytes that live for the call.
    let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    if let problem = target.run(bytes) { fatalError("\(target.rawValue): \(problem)") }
    return 0
}
