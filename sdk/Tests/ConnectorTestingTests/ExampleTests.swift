import ConnectorConformance
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import ExampleConnector

/// The example is what connectors are copied from: it keeps the rules.
@Suite struct ExampleTests {
  private static let document =
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Examples/ExampleConnector/connector.json").path

  @Test func itKeepsEveryRule() async throws {
    let (scratch, machines) = (try Scratch(), try Scratch())
    let program = try scratch.install("folder-connector", document: Self.document)
    let options = ConformanceOptions(connection: ["folder": .string(machines.path)])
    let report = await ConformanceKit(executable: program, options: options).run()
    for result in report.results where result.status == .fail {
      Issue.record("\(result.rule) \(result.title): \(result.detail)")
    }
    #expect(report.passed)
    #expect(report.connector == "folder 1.0.0")
    // One machine was kept by job/commit.
    #expect(machines.names.filter { $0.contains("~") } == [])
    #expect(machines.names.count == 1)
  }

  @Test(arguments: [
    ("vm", true), ("a.b-c_1", true), ("", false), (".hidden", false), ("..", false), ("a/b", false), ("a~b", false),
    ("ä", false), (String(repeating: "a", count: 65), false),
  ]) func namesBecomePaths(name: String, isPossible: Bool) { #expect(MachineStore.accepts(name) == isPossible) }

  @Test func whatIsOfAnotherJobIsLeftAlone() throws {
    let folder = try Scratch()
    let store = MachineStore(path: folder.path)
    let (own, other) = (JobID("job-own-1"), JobID("job-other-1"))
    try store.ensure("vm", for: other)
    #expect(try store.isTaken("vm", for: own))
    #expect(try !store.isTaken("vm", for: other))
    #expect(try store.remove("vm", of: own).state == .foreign)
    #expect(try store.remove("../vm", of: other).state == .foreign)
    #expect(try store.machines(of: own) == [])
    try store.release("vm", of: other)
    #expect(folder.names == ["vm"])
    #expect(try store.remove("vm", of: other).state == .foreign)
  }
}
