import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite(.tags(.simulator), .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"))
struct SessionTests {
  private func failure(_ connection: JSONValue, _ secrets: [String: String] = Simulator.secrets) async
    -> ConnectorError?
  {
    do {
      _ = try await TestHost(connection, secrets: secrets)
      return nil
    } catch { return error as? ConnectorError }
  }

  private func fingerprint(_ certificate: String, _ kind: String) async throws -> String {
    let result = try await tool("openssl", ["x509", "-in", certificate, "-noout", "-fingerprint", "-\(kind)"])
    return String(result.output.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: "=")[1])
  }

  @Test func wrongPasswordsAreSaidToBeWrong() async throws {
    let simulator = try await Simulator()
    let error = try #require(await failure(simulator.connection(), ["/password": "not the one"]))
    #expect(error.reason == .unauthenticated)
    #expect(error.message.contains(Simulator.user))
    #expect(!error.message.contains("not the one"))
    #expect(await failure(simulator.connection(), [:])?.reason == .configInvalid)
  }

  @Test func certificatesAreChecked() async throws {
    let simulator = try await Simulator()
    let untrusted = try #require(await failure(simulator.connection(["caFile": .null])))
    #expect(untrusted.reason == .tlsUntrusted)
    let sha256 = try await fingerprint(simulator.certificate, "sha256")
    #expect(untrusted.details["fingerprint"]?.stringValue == Settings.thumbprint(sha256))
    for kind in ["sha1", "sha256"] {
      let print = try await fingerprint(simulator.certificate, kind)
      #expect(await failure(simulator.connection(["caFile": .null, "thumbprint": .string(print)])) == nil)
    }
    let wrong = sha256.replacing(/^../, with: sha256.hasPrefix("00") ? "11" : "00")
    #expect(
      await failure(simulator.connection(["caFile": .null, "thumbprint": .string(wrong)]))?.reason == .tlsUntrusted)
  }

  @Test func serversThatAreNotThere() async throws {
    let simulator = try await Simulator()
    let error = try #require(await failure(simulator.connection(url: "https://127.0.0.1:9")))
    #expect(error.reason == .networkUnreachable)
    #expect(error.message.contains("127.0.0.1:9"))
    // Checking a configuration needs no secret.
    let host = try await TestHost(simulator.connection())
    func check(_ connection: JSONValue) async throws -> [Diagnostic] {
      try await host.harness.request(ConfigValidate(connection: connection, phase: .live)).diagnostics
    }
    #expect(try await check(simulator.connection(url: "https://127.0.0.1:9")).map(\.severity) == [.blocker])
    #expect(try await check(simulator.connection()).map(\.code) == ["server.found"])
    let untrusted = try await check(simulator.connection(["caFile": .null]))
    #expect(untrusted.map(\.at) == ["/thumbprint"])
    #expect(untrusted[0].detail?.contains("SHA-256") == true)
  }

  /// The assertion comes from the simulator's own security token service.
  @Test(.enabled(if: Simulator.hasPython, "needs scripts/test-tools"))
  func tokensOfSingleSignOnLogIn() async throws {
    let simulator = try await Simulator()
    let issued = try await tool(
      Simulator.python, [Simulator.endpoints + "/sso_token.py", simulator.url, Simulator.user])
    #expect(issued.code == 0, "\(issued.error)")
    let host = try await TestHost(
      simulator.connection(["username": .null]), secrets: ["/ssoToken": issued.output])
    #expect(try await !host.harness.request(InventoryList(kind: "storage")).items.isEmpty)
    #expect(!host.harness.log.contains(issued.output.prefix(200)))
  }

  @Test func aSingleHostIsAPlatformToo() async throws {
    let simulator = try await Simulator(esx: true)
    let host = try await TestHost(simulator.connection())
    let size = 3 * Images.mebibyte
    let raw = host.work.file("disk.raw")
    try Images.make(raw, size: size, data: [(1, 1)])
    let export = try Export(raw, in: host.work)
    let request = Requests.request(
      host.job, name: "onhost", sizes: [size], mapping: Mapping(tags: ["a": "b"]))
    let (machine, disks, plan) = try await host.restore(request, [export], sizes: [size])
    #expect(try await Images.same(raw, simulator.upload(try #require(disks[0].disk["sha256"]?.stringValue))))
    _ = try await host.change(MachineConfigure(op: TestHost.op, job: host.job, plan: plan, machine: machine))
    #expect(try await host.rollBack() == [.deleted])
  }
}
