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

  @Test func `Windows is asked to take the agent, and 7 a network interface that it knows`() {
    let windows = DriverNeeds.all.filter { $0.when.family == "windows" }
    #expect(windows.flatMap { $0.installers ?? [] } == ["qemu-ga-{arch}.msi"])
    let emulated = windows.filter { $0.nics == [NICKind.e1000e.rawValue] }
    #expect(emulated.map(\.when) == [DriverNeed.Condition(family: "windows", below: "6.2")])
    #expect(!windows.contains { $0.nics?.contains(NICKind.e1000.rawValue) == true })
  }

  @Test func `the forms name every setting that is read`() {
    let properties = ConfigForm.connection["properties"]?.objectValue ?? [:]
    #expect(Set(properties.keys) == ["folder", "accel", "memoryLimit"])
    #expect(properties.values.allSatisfy { $0["title"] != nil && $0["description"] != nil })
  }
}
