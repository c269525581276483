import AWSTestSupport
import ConnectorConformance
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// The rules of the protocol, on the program itself, against moto and against the strict stand-in.
  struct ConformanceTests {
    /// The checkout that this file is part of.
    private static let root = (0..<5).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
      .path

    /// The program beside this test's own, in a folder as an installation has it.
    private func install(in scratch: Scratch) throws -> String {
      let files = FileManager.default
      let built = try URL(filePath: files.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        .deletingLastPathComponent()
      try files.createDirectory(atPath: scratch.file("bin"), withIntermediateDirectories: false)
      let program = scratch.file("bin/aws-connector")
      // A link: a copy would be open for writing in whatever another test starts at the same moment.
      try files.createSymbolicLink(
        atPath: program, withDestinationPath: built.appending(path: "aws-connector").path)
      try files.copyItem(atPath: Self.root + "/Plugins/aws/connector.json", toPath: scratch.file("connector.json"))
      return program
    }

    @Test(arguments: [(.moto, "ebs"), (.strict, "ebs"), (.strict, "import")] as [(AWSServer.Kind, String)])
    func everyRuleIsKept(_ mode: AWSServer.Kind, _ delivery: String) async throws {
      let cloud = try await Clouds.server(mode)
      if delivery == "import" { try await ImportScene.makeBucket(cloud) }
      let scratch = try Scratch()
      let before = try await cloud.inventory()
      var options = ConformanceOptions(
        connection: cloud.connection(["delivery": .string(delivery), "bucket": .string(ImportScene.bucket)]),
        secrets: cloud.secrets)
      options.target = ["instanceType": "m5.large"]
      options.groups = ProcessInfo.processInfo.environment["ASCEND_TEST_RULES"].map { [$0] }
      let report = await ConformanceKit(executable: try install(in: scratch), options: options).run()
      for result in report.results where result.status == .fail {
        Issue.record("\(result.rule) \(result.title): \(result.detail)")
      }
      #expect(report.passed)
      // Instances have no other hardware to be moved to: machine/promote is not announced. By way of a bucket
      // disk/prepare makes nothing: where a disk goes depends on its content.
      let promotion: Set = ["R8.9", "R8.10", "R11.7"]
      let skipped = report.results.filter { $0.status == .skip && !promotion.contains($0.rule) }
      #expect(skipped.map(\.rule) == (delivery == "import" ? ["R10.2", "R10.5"] : []), "\(skipped.map(\.detail))")
      // job/commit keeps one instance, and the snapshot that the next restore would go on from.
      let after = try await cloud.inventory()
      for kind in ["images", "uploads", "objects"] { #expect(after[kind] == before[kind], "\(kind)") }
      for kind in ["instances", "snapshots"] {
        #expect(after[kind]?.arrayValue?.count == (before[kind]?.arrayValue?.count ?? 0) + 1, "\(kind)")
      }
    }
  }
}
