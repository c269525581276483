import ConnectorConformance
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

/// The rules of the protocol, on the program itself, against the simulator.
@Suite(.tags(.simulator), .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"))
struct ConformanceTests {
  private func check(
    _ options: ConformanceOptions, skipping skips: Set<String>, location: SourceLocation = #_sourceLocation
  ) async throws {
    let scratch = try Scratch()
    let document = Simulator.root + "/Plugins/vmware/connector.json"
    let program = try scratch.install("vmware-connector", document: document)
    let report = await ConformanceKit(executable: program, options: options).run()
    for result in report.results where result.status == .fail {
      Issue.record("\(result.rule) \(result.title): \(result.detail)", sourceLocation: location)
    }
    #expect(report.passed, sourceLocation: location)
    let skipped = Set(report.results.filter { $0.status == .skip }.map(\.rule))
    #expect(skipped == skips, sourceLocation: location)
  }

  @Test func importsKeepEveryRule() async throws {
    let simulator = try await Simulator()
    // Nothing is made before bytes come, and an import cannot be taken up again: some rules find nothing to look at.
    try await check(
      ConformanceOptions(connection: simulator.connection(), secrets: Simulator.secrets),
      skipping: ["R8.8", "R9.7", "R9.8", "R9.10", "R10.2", "R10.5"])
    let left = try await simulator.read("machines").arrayValue?.compactMap(\.stringValue) ?? []
    // One was kept by job/commit.
    #expect(left.filter { $0.hasPrefix("verify-") }.count == 1, "left: \(left)")
  }

  @Test func flatFilesKeepTheRulesOfRestores() async throws {
    let simulator = try await Simulator()
    var options = ConformanceOptions(
      connection: simulator.connection(["delivery": "datastore"]), secrets: Simulator.secrets)
    options.groups = ["R7", "R8", "R10", "R11"]
    try await check(options, skipping: ["R8.8", "R10.2", "R10.5"])
  }

  @Test func archivesKeepTheRulesOfRestores() async throws {
    let scratch = try Scratch()
    var options = ConformanceOptions(connection: ["delivery": "ova", "folder": .string(scratch.path)])
    options.groups = ["R6", "R7", "R8", "R9", "R10", "R11"]
    // A file has no hardware to change.
    try await check(
      options, skipping: ["R8.8", "R8.9", "R8.10", "R9.7", "R9.8", "R9.10", "R10.2", "R10.5", "R11.7"])
    #expect(scratch.names.allSatisfy { $0.hasSuffix(".ova") }, "left: \(scratch.names)")
  }
}
