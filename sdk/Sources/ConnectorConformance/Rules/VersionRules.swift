import ConnectorProtocol
import Foundation

/// Agreement on the protocol's major, and who the connector says it is.
enum VersionRules {
  static func run(_ bench: Bench) {
    bench.rule("R4.1") {
      let conversation = try bench.start()
      defer { conversation.finish() }
      var request = bench.initialize
      request.protocolVersions = [999, 1]
      let answer = try conversation.call(request)
      try require(answer.protocolVersion == 1, "offered 999 and 1, it answers \(answer.protocolVersion)")
    }
    bench.rule("R4.2") {
      let conversation = try bench.start()
      defer { conversation.finish() }
      var request = bench.initialize
      request.protocolVersions = [999]
      let error = try conversation.refused(
        Initialize.method, JSONValue.encoding(request), .unsupportedVersion)
      let supported = error.details["supported"]?.arrayValue ?? []
      try require(supported.contains(.integer(1)), "details.supported does not say which versions it speaks")
    }
    bench.rule("R4.3") {
      let conversation = try bench.start()
      defer { conversation.finish() }
      let requests: [(String, any ConnectorRequest)] = [
        (Initialize.method, bench.initialize), (SessionOpen.method, bench.sessionOpen),
        (SessionCheck.method, SessionCheck()),
      ]
      for (method, request) in requests {
        guard case .object(var members) = try conversation.parameters(request) else { continue }
        members["xSomethingNew"] = ["deep": [1, 2, 3]]
        let id = try conversation.ask(method, .object(members))
        let answer = try conversation.answer(id, seconds: bench.patience.operation, method)
        if let error = answer.error { throw RuleFailure("\(method) with an unknown member: \(error.message)") }
      }
    }
    identity(bench)
  }

  private static func identity(_ bench: Bench) {
    let greeting = Result {
      let conversation = try bench.start()
      defer { conversation.finish() }
      return try conversation.call(bench.initialize)
    }
    bench.rule("R5.3") {
      let said = try greeting.get().document
      try require(said == SHA256.hex(Data(bench.describeOutput)), "initialize gives \(said)")
    }
    bench.rule("R5.6") {
      let (document, said) = (try bench.knownDocument(), try greeting.get().connector)
      try require(
        said.id == document.id && said.version == document.version,
        "initialize says \(said.id) \(said.version), the document \(document.id) \(document.version)")
    }
    bench.rule("R5.5") {
      let announced = Set(try bench.knownDocument().methods)
      let conversation = try bench.opened()
      defer { conversation.finish() }
      for request in MessageRegistry.requests where !request.isMandatory {
        let id = try conversation.ask(request.method, [:])
        let answer = try conversation.answer(id, request.method)
        let isThere = answer.error?.reason != .methodNotFound
        try require(
          isThere == announced.contains(request.method),
          "\(request.method) is \(isThere ? "there but not announced" : "announced but not there")")
      }
      for method in announced where !MessageRegistry.requests.contains(where: { $0.method == method }) {
        throw RuleFailure("\(method) is announced and is no method of version 1")
      }
    }
  }
}
