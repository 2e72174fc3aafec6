extension Preset {
    static let gitHubReadOnly = Preset(
        name: "github-read-only",
        summary: "GitHub: clone, fetch, read, download; no push, no writing API",
        text: """
        version: 1
        allow:
          - host: github.com                              # pages, archives, and the first request of a fetch
            methods: [GET, HEAD]
            comment: read
          - host: github.com                              # git fetch and clone send what they have and want
            methods: [POST]
            paths: ["/**/git-upload-pack"]
            comment: git fetch
          - host: api.github.com                          # the API, reading
            methods: [GET, HEAD]
            comment: read
          - host: codeload.github.com                     # source archives
            methods: [GET, HEAD]
            comment: archives
          - host: raw.githubusercontent.com               # single files
            methods: [GET, HEAD]
            comment: files
          - host: objects.githubusercontent.com           # release files, large files
            methods: [GET, HEAD]
            comment: release files
          - host: release-assets.githubusercontent.com    # release files
            methods: [GET, HEAD]
            comment: release files
        deny:
          - host: github.com                              # git push, whatever another file allows
            paths: ["/**/git-receive-pack"]
            comment: git push
        # Left out on purpose: the batch request of Git LFS, which is the same POST for download and upload.

        """
    )
}
