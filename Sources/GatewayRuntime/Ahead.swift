internal import Glibc
internal import LinuxKernel
internal import Synchronization

/// A value that is made on a thread of its own while the caller does something else.
///
/// The thread has ended when ``value()`` returns, and when this object is gone: nothing of it is left over, such as
/// capabilities that the caller gives up later.
struct Ahead<Value: Sendable>: ~Copyable {
    private let work: Work
    private let result: Made
    private let thread: pthread_t

    private final class Made: Sendable {
        let value = Mutex<Result<Value, any Error>?>(nil)
    }

    /// - Throws: when there can be no thread.
    init(_ make: @escaping @Sendable () throws -> Value) throws(SystemCallError) {
        let result = Made()
        let work = Work { result.value.withLock { $0 = Result { try make() } } }
        var thread = pthread_t()
        // SAFETY: the work is kept by this object, which waits for the thread before it goes.
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Work>.fromOpaque(argument).takeUnretainedValue().body()
                }
                return nil
            }, Unmanaged.passUnretained(work).toOpaque())
        guard failure == 0 else { throw SystemCallError("start a thread", number: failure) }
        self.work = work
        self.result = result
        self.thread = thread
    }

    /// Waits for the work to end.
    consuming func value() throws -> Value {
        let made = result
        // Which waits for the thread.
        _ = consume self
        guard let value = made.value.withLock({ $0 }) else {
            throw SystemCallError("finish on another thread", number: ECANCELED)
        }
        return try value.get()
    }

    deinit {
        _ = pthread_join(thread, nil)
    }
}

/// What a thread runs; a class without generic parameters, so that a C function can take it.
private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}
