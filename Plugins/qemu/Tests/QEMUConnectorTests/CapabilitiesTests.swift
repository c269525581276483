import ConnectorKit
import ConnectorProtocol
import Foundation
import Testing

@testable import QEMUConnector

@Suite struct CapabilitiesTests {
  @Test func `connector.json is what describe prints`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "connector.json")
    #expect(try Data(contentsOf: file) == ConnectorManifest.bytes(of: QEMUConnector.document))
  }

  @Test(arguments: ["linux", "windows"], DiskController.allCases)
  func `every controller has a need for every family`(family: String, controller: DiskController) {
    let needs = DriverNeeds.all.filter { $0.when.family == family && $0.controllers == [controller.rawValue] }
    #expect(!needs.isEmpty)
    #expect(needs.allSatisfy { $0.initramfs && !$0.need.isEmpty })
  }

  @Test func `network drivers are not needed to boot`() {
    let needs = DriverNeeds.all.filter { $0.nics != nil }
    #expect(needs.count >= NICKind.allCases.count)
    #expect(needs.allSatisfy { !$0.initramfs && $0.controllers == nil })
  }

  @Test func `the forms name every setting that is read`() {
    let properties = ConfigForm.connection["properties"]?.objectValue ?? [:]
    #expect(Set(properties.keys) == ["folder", "accel", "memoryLimit"])
    #expect(properties.values.allSatisfy { $0["title"] != nil && $0["description"] != nil })
  }
}
