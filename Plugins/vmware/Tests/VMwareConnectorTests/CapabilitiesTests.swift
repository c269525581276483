import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite struct CapabilitiesTests {
  @Test func connectorJSONIsWhatDescribePrints() throws {
    let file = URL(filePath: Simulator.root + "/Plugins/vmware/connector.json")
    #expect(try Data(contentsOf: file) == ConnectorManifest.bytes(of: VMwareConnector.document))
  }

  @Test(arguments: ["linux", "windows"], DiskController.allCases)
  func everyControllerHasANeedForEveryFamily(_ family: String, _ controller: DiskController) {
    let needs = DriverNeeds.all.filter { $0.when.family == family && $0.controllers == [controller.rawValue] }
    #expect(!needs.isEmpty)
    #expect(needs.allSatisfy { $0.initramfs && !$0.need.isEmpty })
  }

  @Test func namesAreThoseThatTheServerTakesUnescaped() throws {
    let pattern = try Regex(NameRule.pattern)
    for name in ["web01", "Büro-Server 2", "a.b_c"] {
      #expect(NameRule.accepts(name))
      #expect(name.wholeMatch(of: pattern) != nil)
    }
    for name in ["", " a", "a/b", "a%b", "a\\b", "a\u{7}", String(repeating: "x", count: 81)] {
      #expect(!NameRule.accepts(name))
    }
    #expect(NameRule.nearest("a/b:c") == "a-b-c")
    #expect(NameRule.carrier(String(repeating: "x", count: 80), job: JobID("0198-aaaaaaaa"), disk: 12).count <= 80)
  }
}
