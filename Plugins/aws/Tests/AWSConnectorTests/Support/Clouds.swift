import AWSTestSupport
import ConnectorProtocol
import Testing

/// All suites that need a server: one test after the other, with one server of each kind, since starting one takes
/// seconds and what breaks in it breaks for all.
@Suite(.serialized, .tags(.endpoint), .enabled(if: AWSServer.isAvailable, "needs scripts/test-tools"))
enum Clouds {
  /// The server of that kind, as it was at its start but for what tests have left in the account.
  static func server(_ kind: AWSServer.Kind) async throws -> AWSServer {
    let server = try await Servers.shared.server(kind)
    try await server.rules([])
    if kind == .strict {
      try await server.configure([
        "missingFor": 0, "pendingFor": 0, "pageSize": 1000, "clockOffset": 0, "importPolls": 1,
        "importFails": .null, "vmimport": true, "encryptsByDefault": false, "launchFails": 0,
        "forgetsTerminated": false, "priceFactor": 1,
      ])
    }
    try await server.forgetRequests()
    return server
  }

  private actor Servers {
    static let shared = Servers()
    private var running: [AWSServer.Kind: Task<AWSServer, any Error>] = [:]

    func server(_ kind: AWSServer.Kind) async throws -> AWSServer {
      let task = running[kind] ?? Task { try await AWSServer(kind) }
      running[kind] = task
      return try await task.value
    }
  }
}
