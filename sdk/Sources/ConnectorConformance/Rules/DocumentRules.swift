import ConnectorProtocol
import Foundation

/// The capability document by itself.
enum DocumentRules {
  static func offline(_ bench: Bench) {
    bench.rule("R5.1") {
      guard let document = bench.document else { throw RuleFailure(bench.documentProblem) }
      for problem in problems(document) { throw RuleFailure(problem) }
    }
    bench.rule("R5.2") {
      let folder = URL(fileURLWithPath: bench.arguments.last ?? bench.executable).deletingLastPathComponent()
      let own = URL(fileURLWithPath: bench.executable).deletingLastPathComponent()
      let places = [own, own.deletingLastPathComponent(), folder].map { $0.appendingPathComponent("connector.json") }
      guard let place = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
        throw RuleSkip("no connector.json beside the executable or in the folder above it")
      }
      let written = try Data(contentsOf: place)
      try require(Array(written) == bench.describeOutput, "\(place.path) differs from what describe prints")
    }
    bench.rule("R5.4") {
      let document = try bench.knownDocument()
      for (name, schema) in [("connection", document.connection), ("target", document.target)] {
        for problem in FormProfile.problems(schema, at: "/" + name) { throw RuleFailure(problem) }
      }
    }
    bench.rule("R5.7") {
      let document = try bench.knownDocument()
      for problem in sourceProblems(document) { throw RuleFailure(problem) }
    }
  }

  private static func sourceProblems(_ document: CapabilityDocument) -> [String] {
    var problems: [String] = []
    for method in [SourceOpen.method, SourceClose.method]
    where document.methods.contains(method) != (document.sources != nil) {
      problems.append(
        document.sources == nil
          ? "methods names \(method), and there are no sources" : "there are sources, and methods lacks \(method)")
    }
    let sources = document.sources ?? []
    if Set(sources.map(\.scheme)).count != sources.count { problems.append("two sources have the same scheme") }
    for source in sources where !source.example.hasPrefix(source.scheme + "://") {
      problems.append("the example \(source.example) does not begin with \(source.scheme)://")
    }
    return problems
  }

  private static func problems(_ document: CapabilityDocument) -> [String] {
    var problems: [String] = []
    func check(_ condition: Bool, _ problem: String) { if !condition { problems.append(problem) } }
    check(document.schema == CapabilityDocument.currentSchema, "schema is \(document.schema), not connector/1")
    let plain = document.id.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
    check(plain && !document.id.isEmpty, "id \(document.id) is not made of a-z, 0-9 and hyphens")
    check(document.protocolVersions.contains(1), "protocolVersions lacks 1")
    check(!document.version.isEmpty, "version is empty")
    check(
      !document.executable.hasPrefix("/") && !document.executable.split(separator: "/").contains(".."),
      "executable \(document.executable) leaves the connector's folder")
    check(!document.disks.accepts.isEmpty, "disks.accepts is empty")
    check(document.disks.accepts.allSatisfy { !$0.access.isEmpty }, "a disk form has no access")
    check(!document.boot.isEmpty, "boot is empty")
    check(document.controllers.contains { $0.bootable }, "no controller is bootable")
    check(
      Set(document.controllers.map(\.id)).count == document.controllers.count, "two controllers have the same id")
    check(document.cleanup.byTag || document.cleanup.byName, "cleanup is neither byTag nor byName")
    let controllers = Set(document.controllers.map(\.id))
    check(
      document.drivers.allSatisfy { controllers.isSuperset(of: $0.controllers ?? []) },
      "a driver need names a controller that is not there")
    return problems
  }
}
