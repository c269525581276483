import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import QEMUConnector

@Suite struct DomainXMLTests {
  @Test(arguments: DiskController.allCases, NICKind.allCases)
  func `libvirt's schema accepts it`(controller: DiskController, nic: NICKind) async throws {
    let scratch = try Scratch("a & <b> 'c\"")
    let uefi = controller != .ide
    let plan = Plans.plan(
      controllers: [controller, controller], format: nic == .e1000 ? "qcow2" : "raw", firmware: uefi ? .uefi : .bios,
      secureBoot: nic == .e1000e && uefi, nic: nic, network: nic == .e1000 ? "none" : "user",
      notes: "a <note> & \u{1} more")
    let domain = DomainXML(
      plan: plan, folder: MachineFolder(path: scratch.path),
      firmware: uefi ? Firmware(code: "/f/code.fd", variables: "/f/vars.fd") : nil, usesKVM: nic == .virtio)
    let file = scratch.file("machine.xml")
    try Data(domain.text.utf8).write(to: URL(filePath: file))
    let verdict = try await tool("virt-xml-validate", file, "domain")
    #expect(verdict.exit == .code(0), "\(verdict.errors)")
  }

  @Test func `disks get libvirt's names`() {
    #expect([0, 25, 26, 701, 702].map(DomainXML.letters) == ["a", "z", "aa", "zz", "aaa"])
  }

  @Test func `characters that XML cannot hold are left out`() {
    #expect(XMLElement.escape("a\u{0}<&>\"'\n\u{fffe}b") == "a&lt;&amp;&gt;&quot;&apos;&#10;b")
  }
}
