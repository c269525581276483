import ConnectorProtocol
import Connectors
import Foundation
import Support
import Testing

@Suite struct ConnectorDirectoryTests {
  let connector: TestConnector

  init() throws {
    connector = try TestConnector()
  }

  @Test func findsWhatIsInstalled() throws {
    defer { connector.remove() }
    try connector.install("another")
    let (installations, problems) = connector.directory.discover()
    #expect(installations.map(\.id) == ["another", "test"])
    #expect(problems.isEmpty)
    let found = try connector.directory.find("test")
    #expect(found.executable == found.folder + "/connector")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: found.folder + "/connector.json"))
    #expect(found.documentDigest == SHA256.hex(bytes))
  }

  @Test(arguments: ["missing", "../test", "", "test/../test", "TEST"]) func saysWhatThereIs(id: String) throws {
    defer { connector.remove() }
    let error = #expect(throws: AscendError.self) { try connector.directory.find(id) }
    #expect(error?.code == "connector.notFound")
    #expect(error?.cause?.contains("found: test") == true)
    #expect(error?.cause?.contains(connector.root) == true)
  }

  @Test func firstFolderWins() throws {
    let second = try TestConnector()
    defer { connector.remove(); second.remove() }
    let both = ConnectorDirectory(searchPath: [second.root, "/nowhere", connector.root])
    let (installations, problems) = both.discover()
    #expect(installations.map(\.folder) == [second.root + "/test"])
    #expect(problems.map(\.code) == ["connector.duplicate"])
    #expect(problems.first?.object == connector.root + "/test")
    #expect(try both.find("test").folder == second.root + "/test")
  }

  /// Each way in which an installation must not be used, and the code that says so.
  enum Flaw: String, CaseIterable {
    case otherID, dotDot, absolute, linkOut, notExecutable, writableDocument, writableFolder, writableProgram, huge
    case noJSON, otherSchema, missingProgram
  }

  @Test(arguments: Flaw.allCases) func refuses(flaw: Flaw) throws {
    defer { connector.remove() }
    try spoil(flaw)
    let (installations, problems) = connector.directory.discover()
    #expect(installations.isEmpty)
    let untrusted: Set<Flaw> = [.writableDocument, .writableFolder, .writableProgram]
    #expect(problems.map(\.code) == [untrusted.contains(flaw) ? "connector.untrusted" : "connector.invalid"])
    let error = #expect(throws: AscendError.self) { try connector.directory.find("test") }
    #expect(error == problems.first)
  }

  private func spoil(_ flaw: Flaw) throws {
    let folder = connector.root + "/test"
    let files = FileManager.default
    switch flaw {
    case .otherID: try document { $0.id = "other" }
    case .dotDot: try document { $0.executable = "../test/connector" }
    case .absolute: try document { $0.executable = "/bin/sh" }
    case .missingProgram: try document { $0.executable = "bin/none" }
    case .otherSchema: try document { $0.schema = "connector/9" }
    case .linkOut:
      try files.removeItem(atPath: folder + "/connector")
      try files.createSymbolicLink(atPath: folder + "/connector", withDestinationPath: "/bin/sh")
    case .notExecutable: try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/connector")
    case .writableDocument:
      try files.setAttributes([.posixPermissions: 0o666], ofItemAtPath: folder + "/connector.json")
    case .writableFolder: try files.setAttributes([.posixPermissions: 0o775], ofItemAtPath: folder)
    case .writableProgram: try files.setAttributes([.posixPermissions: 0o757], ofItemAtPath: folder + "/connector")
    case .huge: try connector.write(Data(repeating: 0x20, count: (1 << 20) + 1), to: folder + "/connector.json")
    case .noJSON: try connector.write(Data("{".utf8), to: folder + "/connector.json")
    }
  }

  private func document(_ edit: (inout CapabilityDocument) -> Void) throws {
    var document = CapabilityDocument.sample()
    edit(&document)
    try connector.write(CanonicalJSON.encode(document), to: connector.root + "/test/connector.json")
  }

  @Test func executesNothing() throws {
    defer { connector.remove() }
    let witness = connector.root + "/ran"
    try connector.write(Data("#!/bin/sh\ntouch \(witness)\n".utf8), to: connector.root + "/test/connector")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: connector.root + "/test/connector")
    #expect(connector.directory.discover().installations.count == 1)
    #expect(!FileManager.default.fileExists(atPath: witness))
  }

  @Test func narrowsTheDocumentButNotItsIdentity() throws {
    defer { connector.remove() }
    let document = try connector.directory.find("test").document
    let narrowed = try document.narrowed(by: ["limits": ["cpuMax": 4], "id": "evil", "executable": "/bin/sh"])
    #expect(narrowed.limits.cpuMax == 4)
    #expect(narrowed.id == "test")
    #expect(narrowed.executable == "connector")
    #expect(try document.narrowed(by: nil) == document)
    #expect(throws: AscendError.self) { try document.narrowed(by: ["limits": "none"]) }
  }
}
