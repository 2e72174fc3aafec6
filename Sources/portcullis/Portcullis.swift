internal import ArgumentParser
@main struct Portcullis: ParsableCommand { }
