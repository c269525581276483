import Foundation
import Testing

@testable import Guests

@Suite("What the registry must say of a boot driver")
struct BootDriverEditsTests {
  private let sets = ["ControlSet001", "ControlSet002"]

  private func driver() throws -> BootDriver {
    let folder = try TemporaryFolder()
    try DriverFixture.write(DriverFixture.package("x"), to: folder.url)
    let index = try DriverIndex([folder.url.path])
    return BootDriver(try #require(index.find("viostor", for: DriverFixture.server2022)))
  }

  @Test("ids that are tied to a subsystem of the same vendor are given without it too")
  func devices() {
    #expect(
      BootDriver.devices([
        "PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00", "PCI\\VEN_1AF4&DEV_1001",
        "PCI\\VEN_1000&DEV_0054&SUBSYS_197615AD", "VMBUS\\{ba6163d9}", "PCI\\VEN_1AF4&DEV_1001&REV_00",
      ]) == [
        "PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00", "PCI\\VEN_1AF4&DEV_1001&REV_00", "PCI\\VEN_1AF4&DEV_1001",
        "PCI\\VEN_1000&DEV_0054&SUBSYS_197615AD", "VMBUS\\{ba6163d9}",
      ])
  }

  @Test("up to 6.1 the service and the critical devices, in every control set")
  func critical() throws {
    let edits = BootDriverEdits(controlSets: sets, hasDriverDatabase: false, architecture: .amd64).edits(
      for: try driver())
    for set in sets {
      let key = [set, "Services", "viostor"]
      #expect(edits.contains(.set(key, "Start", .dword(0))))
      #expect(edits.contains(.set(key, "Type", .dword(1))))
      #expect(edits.contains(.set(key, "ErrorControl", .dword(1))))
      #expect(edits.contains(.set(key, "Group", .string("SCSI miniport"))))
      #expect(edits.contains(.set(key, "ImagePath", .expandString("system32\\drivers\\viostor.sys"))))
      #expect(edits.contains(.set(key + ["Parameters", "PnpInterface"], "5", .dword(1))))
      let device = [set, "Control", "CriticalDeviceDatabase", "PCI#VEN_1AF4&DEV_1001&REV_00"]
      #expect(edits.contains(.set(device, "Service", .string("viostor"))))
      #expect(edits.contains(.set(device, "ClassGUID", .string("{4D36E97B-E325-11CE-BFC1-08002BE10318}"))))
    }
    #expect(!edits.contains { $0.key.first == "DriverDatabase" })
  }

  @Test("a package that leaves its driver in the driver store is started from where drivers always were")
  func driverStore() throws {
    let text = DriverFixture.inf().replacing("%12%", with: "%13%")
    let folder = try TemporaryFolder()
    var files = DriverFixture.package("x")
    files["x/viostor.inf"] = Array(text.utf8)
    try DriverFixture.write(files, to: folder.url)
    let index = try DriverIndex([folder.url.path])
    let match = try #require(index.find("viostor", for: DriverFixture.server2022))
    // Windows makes the store's folder and its name when it installs the package, at the first start.
    #expect(match.service.binary == "viostor.sys" && match.service.source == "viostor.sys")
    let edits = BootDriverEdits(controlSets: ["CS"], hasDriverDatabase: true, architecture: .amd64).edits(
      for: BootDriver(match))
    #expect(
      edits.contains(
        .set(["CS", "Services", "viostor"], "ImagePath", .expandString("system32\\drivers\\viostor.sys"))))
  }

  @Test("from 6.2 on the driver database, with a label of the form that Windows' tools accept")
  func database() throws {
    let edits = BootDriverEdits(controlSets: sets, hasDriverDatabase: true, architecture: .amd64).edits(
      for: try driver())
    let inf = "ascend_viostor.inf"
    let label = "ascend_viostor.inf_amd64_0000000000000000"
    let files = ["DriverDatabase", "DriverInfFiles", inf]
    #expect(edits.contains(.set(files, "", .multiString([label]))))
    #expect(edits.contains(.set(files, "Active", .string(label))))
    #expect(edits.contains(.set(files, "Configurations", .multiString(["viostor_conf"]))))
    let id = "VEN_1AF4&DEV_1042&REV_01"
    #expect(edits.contains(.set(["DriverDatabase", "DeviceIds", "PCI", id], inf, .binary([1, 0xff, 0, 0]))))
    let package = ["DriverDatabase", "DriverPackages", label]
    #expect(edits.contains(.set(package + ["Descriptors", "PCI", id], "Configuration", .string("viostor_conf"))))
    #expect(edits.contains(.set(package + ["Configurations", "viostor_conf"], "Service", .string("viostor"))))
    let version: [UInt8] =
      [0, 0xff, 9, 0, 0, 0, 0, 0, 0x7b, 0xe9, 0x36, 0x4d, 0x25, 0xe3, 0xce, 0x11]
      + [0xbf, 0xc1, 8, 0, 0x2b, 0xe1, 3, 0x18] + [UInt8](repeating: 0, count: 24)
    #expect(version.count == 48)
    #expect(edits.contains(.set(package, "Version", .binary(version))))
    #expect(!edits.contains { $0.key.contains("CriticalDeviceDatabase") })
  }

  @Test("what Windows brings along is switched on where it is")
  func inBox() throws {
    let old = BootDriverEdits(controlSets: sets, hasDriverDatabase: false, architecture: .amd64)
    let ide = try #require(InBoxDriver.named("IntelIDE"))
    #expect(old.criticalDevices(ide).count == 16)
    #expect(
      old.criticalDevices(ide).contains(
        .set(
          ["ControlSet002", "Control", "CriticalDeviceDatabase", "primary_ide_channel"], "Service", .string("atapi"))))
    // A controller without its key there is a stop of 7 and 2008 R2 at their first start.
    for (name, id) in [
      ("lsi_sas", "pci#ven_1000&dev_0054"), ("lsi_scsi", "pci#ven_1000&dev_0030"), ("stornvme", "pci#cc_010802"),
      ("msahci", "pci#cc_0106"),
    ] {
      let driver = try #require(InBoxDriver.named(name))
      let key = ["ControlSet001", "Control", "CriticalDeviceDatabase", id]
      #expect(old.criticalDevices(driver).contains(.set(key, "Service", .string(name))), "\(name)")
    }
    let new = BootDriverEdits(controlSets: sets, hasDriverDatabase: true, architecture: .amd64)
    #expect(new.criticalDevices(ide).isEmpty)
    #expect(
      new.enabling("storahci", in: "ControlSet001", hasOverride: true) == [
        .set(["ControlSet001", "Services", "storahci"], "Start", .dword(0)),
        .deleteKey(["ControlSet001", "Services", "storahci", "StartOverride"]),
      ])
    #expect(InBoxDriver.named("msahci")?.isPart(of: DriverFixture.windows7) == true)
    #expect(InBoxDriver.named("msahci")?.isPart(of: DriverFixture.windows11) == false)
    #expect(InBoxDriver.named("stornvme")?.isPart(of: DriverFixture.windows7) == false)
    #expect(InBoxDriver.named("viostor") == nil)
  }

  @Test(
    "GUIDs become the bytes that Windows stores", arguments: ["", "{}", "4D36E97B", "{4D36E97B-E325-11CE-BFC1-0800ZZ}"])
  func guids(_ text: String) {
    #expect(RegistryGUID(text) == nil)
  }
}
