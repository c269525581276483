import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Restore

@Suite struct TargetConfigurationTests {
  private let schema: JSONValue = [
    "properties": [
      "url": ["type": "string"], "password": ["type": "string", "writeOnly": true],
      "proxy": ["type": "object", "properties": ["user/name": ["writeOnly": true], "host": ["type": "string"]]],
    ]
  ]

  @Test func secretMembersAreTakenOutByTheirPointer() {
    let parts = TargetConfiguration(
      ["url": "https://x", "password": "p", "proxy": ["user/name": "u", "host": "h"]], schema: schema)
    #expect(parts.open == ["url": "https://x", "proxy": ["host": "h"]])
    #expect(parts.secrets == ["/password": "p", "/proxy/user~1name": "u"])
  }

  @Test func secretsLieInAFileOfTheOwner() throws {
    let folder = NSTemporaryDirectory() + "secrets-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let secrets = Secrets(state: try StateDirectory(path: folder))
    try secrets.keep(["/password": "p"], for: "t1")
    let mode = try FileManager.default.attributesOfItem(atPath: folder + "/secrets/t1.json")[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try secrets.secrets(of: "t1") == ["/password": "p"])
    #expect(try secrets.secrets(of: "t2") == [:])
    secrets.forget("t1")
    #expect(try secrets.secrets(of: "t1") == [:])
  }
}
