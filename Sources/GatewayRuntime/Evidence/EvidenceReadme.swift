/// `README.txt` of a bundle: what lies in it, and how far it can be believed.
enum EvidenceReadme {
    static let text = """
        Evidence of what an agent behind a Portcullis gateway did, collected on the machine that it ran on.

        START HERE
          manifest.json     who and when, every file with its size and SHA-256, and what is missing and why
          SHA256SUMS        check with: sha256sum -c SHA256SUMS

        WHAT IS IN IT
          decisions.jsonl   the decision log of the time asked for, byte for byte as it is in the log. It is one piece of the
                            file, so the lines of other agents of the same gateway are in it, too
          flows.json        flows as connection tracking knew them: who talks to whom, and what the gateway decided
          conntrack.json    the same flows with everything that connection tracking says
          sockets.json      sockets of the agents, and of their gateway on their behalf
          processes.json    the agents' processes and the gateway; of command lines only the program and the number of words
          pins.json         which names the agents had asked for, and the addresses that they got
          policy.yaml       the policy, and what it extends in policy-extends-*.yaml; what looks like a secret is taken out
          policy.txt        what the policy means, rule by rule
          ruleset.nft       the gateway's tables in the kernel, with their counters
          seals/            records of the seals that hold the agents; _2a is the one on everybody
          kill-switch.jsonl who was sealed and raised on this machine in the time asked for, by whom and why
          system.json       the machine, its links and addresses
        With several gateways, the second one's files are called decisions-2.jsonl, policy-2.yaml, and so on.

        WHAT IT PROVES, AND WHAT IT DOES NOT
          For each log the manifest has the file's path and inode, the offsets of the piece that was copied, the SHA-256 of
          the piece and the SHA-256 of all that comes before it. With the log at hand, that shows where the piece comes from:
              tail -c +$((from_offset + 1)) LOG | head -c $((to_offset - from_offset)) | sha256sum
              head -c $from_offset LOG | sha256sum
          It does not show that nobody had changed the log before it was copied. The log is a plain file, not signed and not
          chained: root of the machine could have. Nor is the bundle signed. Whoever is to rely on it later should note the
          SHA-256 of SHA256SUMS, which the command printed, somewhere that this machine cannot write to.

          The other files are a look at a running system, taken one after the other within moments: no snapshot. What ended
          before is not in them, and names of processes are whatever the processes call themselves.

        WHAT IS LEFT OUT ON PURPOSE
          Environments, arguments of commands, bodies, headers and query strings, private keys. Names, addresses and paths
          are in it, and may be personal data: treat it so.

        """
}
