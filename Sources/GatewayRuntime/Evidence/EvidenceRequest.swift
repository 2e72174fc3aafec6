/// What a bundle is to hold, and what of it only others can say.
package struct EvidenceRequest {
    /// How far back the decision log goes.
    package struct Since: Hashable, Sendable {
        /// As it was asked for.
        package var text: String
        package var seconds: UInt64

        package init?(_ text: String) {
            guard let back = LookBack(text) else { return nil }
            self.text = text
            seconds = back.seconds
        }

        /// Nanoseconds since 1970.
        func moment(before wallNanoseconds: UInt64) -> UInt64 {
            let back = seconds * 1_000_000_000
            return wallNanoseconds > back ? wallNanoseconds - back : 0
        }
    }

    package var subjects: [EvidenceSubject]
    package var since: Since
    /// A folder that is not there yet, or is empty.
    package var folder: String
    /// What this program calls itself.
    package var program: String
    /// Asks a living gateway for an agent's pins, as a JSON value; throws why it did not answer. `nil` is no answer, too.
    package var pins: (EvidenceSubject) throws -> String?
    /// Records of seals.
    package var seals: [String]
    /// Where seals and their lifting are written down; `nil` for nowhere.
    package var journal: String?
    /// Told what is being done, for people who wait.
    package var progress: (String) -> Void

    /// The kill switch's.
    package static let standardJournal = SealJournal.path

    package init(
        subjects: [EvidenceSubject], since: Since, folder: String, program: String,
        pins: @escaping (EvidenceSubject) throws -> String?, seals: [String] = [], journal: String? = nil,
        progress: @escaping (String) -> Void = { _ in }
    ) {
        self.subjects = subjects
        self.since = since
        self.folder = folder
        self.program = program
        self.pins = pins
        self.seals = seals
        self.journal = journal
        self.progress = progress
    }
}
