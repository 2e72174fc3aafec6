internal import ArgumentParser
internal import GatewayRuntime
internal import LinuxKernel

struct CACommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca", abstract: "Print the certificate that the service's agents must trust.",
        discussion: """
            PEM on standard output. On Debian: portcullis ca | sudo tee /usr/local/share/ca-certificates/portcullis.crt, \
            then sudo update-ca-certificates. `up` makes it at its first start.
            """)

    @Option(help: ArgumentHelp("The folder with the certificate authority.", valueName: "DIR"), completion: .directory)
    var caFolder = UpInvocation.authorityFolder

    func run() throws {
        do {
            let bytes = try FileText.read("\(caFolder)/ca.pem", limit: 64 * 1024)
            Message.print(String(decoding: bytes.last == 10 ? bytes.dropLast() : bytes[...], as: UTF8.self))
        } catch {
            Message.fail("\(error); `portcullis up` makes it at its first start")
            throw ExitCode(1)
        }
    }
}
