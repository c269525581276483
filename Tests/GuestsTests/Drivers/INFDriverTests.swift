import Foundation
import Testing

@testable import Guests

@Suite("Drivers of an INF file")
struct INFDriverTests {
  @Test("service, ids, class, version and files are found")
  func whole() throws {
    let driver = try #require(DriverFixture.driver(DriverFixture.inf(), for: DriverFixture.server2022))
    #expect(driver.deviceClass == "SCSIAdapter")
    #expect(driver.classGUID == "{4D36E97B-E325-11CE-BFC1-08002BE10318}")
    #expect(driver.provider == "Nobody, Inc.")
    #expect(driver.version.text == "100.92.104.22900")
    #expect(driver.version.date == "2022-11-15")
    #expect(driver.catalog == "viostor.cat")
    #expect(driver.files == ["test.inf", "viostor.cat", "viostor.sys"])
    let service = try #require(driver.service("VIOSTOR"))
    #expect(service.binary == "viostor.sys" && service.group == "SCSI miniport" && service.drivesDevice)
    #expect(service.errorControl == 3)
    #expect(
      service.parameters == [
        .init(key: ["Parameters", "PnpInterface"], name: "5", value: .dword(1)),
        .init(key: ["Parameters"], name: "BusType", value: .dword(1)),
        .init(key: [], name: "Note", value: .string("a; b, \"c\"")),
      ])
    #expect(
      driver.devices == [
        .init(id: "PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00", service: "viostor", compatible: false),
        .init(id: "PCI\\VEN_1AF4&DEV_1001", service: "viostor", compatible: true),
        .init(id: "PCI\\VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01", service: "viostor", compatible: false),
      ])
  }

  @Test(
    "a decoration says for which Windows the models are",
    arguments: [
      ("NTamd64", true, true), ("NTx86", false, false), ("NTarm64", false, false), ("NTamd64.6.1", true, true),
      ("NTamd64.6.2", true, false), ("NTamd64.10.0", true, false), ("NTamd64.10.0...20348", true, false),
      ("NTamd64.10.0...26100", false, false), ("NTamd64.6.1.3", true, false), ("NTamd64.6.1.1", false, true),
      ("NTamd64.6.0", true, true), ("NT", false, false), ("NTia64", false, false), ("NTamd64.10.0.0x3", true, false),
      ("NTamd64.11.0", false, false),
    ])
  func decorations(_ decoration: String, _ server2022: Bool, _ windows7: Bool) {
    let text = DriverFixture.inf(decoration: decoration)
    #expect((DriverFixture.driver(text, for: DriverFixture.server2022) != nil) == server2022)
    #expect((DriverFixture.driver(text, for: DriverFixture.windows7) != nil) == windows7)
  }

  @Test("of several decorations the one that says most is taken, and sections follow it")
  func best() throws {
    let text = """
      [Version]
      Class=Net
      CatalogFile=any.cat
      CatalogFile.NTamd64=wide.cat
      [Manufacturer]
      %V% = M, NTx86, NTamd64.6.1, NTamd64.10.0...17763, NTamd64.10.0
      [M.NTx86]
      D = a, PCI\\VEN_0001
      [M.NTamd64.6.1]
      D = b, PCI\\VEN_0002
      [M.NTamd64.10.0]
      D = c, PCI\\VEN_0003
      [M.NTamd64.10.0...17763]
      D = d, PCI\\VEN_0004
      [d.NT]
      CopyFiles = @none.sys, list
      [list]
      driver.sys, vendor64.sys
      [d.NT.Services]
      AddService = helper, , helper_inst
      AddService = drv, 2, drv_inst
      [d.Services]
      AddService = wrong, 2, drv_inst
      [helper_inst]
      ServiceBinary = %11%\\helper.exe
      [drv_inst]
      ServiceBinary = %13%\\driver.sys
      [SourceDisksNames]
      1 = d
      2 = d,,,\\x64
      [SourceDisksNames.amd64]
      3 = d,,,"\\deep\\er"
      [SourceDisksFiles]
      common.dll = 1
      driver.sys = 1, sub
      evil.sys = 1, ..\\..
      [SourceDisksFiles.amd64]
      driver.sys = 2
      more.dll = 3
      """
    let driver = try #require(DriverFixture.driver(text, for: DriverFixture.server2022))
    #expect(driver.devices.map(\.id) == ["PCI\\VEN_0004"])
    #expect(driver.devices.first?.service == "drv")
    #expect(driver.services.map(\.name) == ["helper", "drv"])
    #expect(driver.service("drv")?.source == "vendor64.sys")
    #expect(driver.service("drv")?.binary == "driver.sys")
    #expect(driver.files == ["test.inf", "wide.cat", "x64/driver.sys", "deep/er/more.dll", "common.dll"])
    let older = try #require(
      DriverFixture.driver(
        text, for: WindowsTarget(major: 10, minor: 0, build: 14_393, isServer: true, architecture: .amd64)))
    // Its own install section has no services: the device is of no use.
    #expect(older.devices.isEmpty)
  }

  @Test("names that lead elsewhere are not taken", arguments: ["..\\..\\x.sys", "a:b.sys", "x|y.sys", ".."])
  func hostileNames(_ name: String) throws {
    #expect(!INFReader.isPlain(name))
    let text = DriverFixture.inf().replacing("%12%\\viostor.sys", with: name.hasPrefix("..\\") ? ".." : name)
    let driver = try #require(DriverFixture.driver(text, for: DriverFixture.server2022))
    #expect(driver.services.isEmpty)
  }
}

@Suite("Releases in the names of folders")
struct ReleaseHintTests {
  @Test(
    "names of many vendors are understood",
    arguments: [
      ("w7", "Windows 7"), ("2k8R2", "Windows Server 2008 R2"), ("2k3", "Windows Server 2003"), ("xp", "Windows 5.1"),
      ("w8.1", "Windows 8.1"), ("2k12R2", "Windows Server 2012 R2"), ("Win8", "Windows 8"), ("w11", "Windows 11"),
      ("Windows Server 2022", "Windows Server 2022"), ("Windows 10", "Windows 10"), ("WS2019", "Windows Server 2019"),
      ("win10_x64", "Windows 10"), ("2008R2", "Windows Server 2008 R2"), ("Windows7", "Windows 7"),
      ("Server 2016", "Windows Server 2016"),
    ])
  func names(_ folder: String, _ expected: String) throws {
    let hint = try #require(ReleaseHint(folder: folder[...]))
    let target = WindowsTarget(
      major: hint.major, minor: hint.minor, build: hint.build, isServer: hint.isServer, architecture: .amd64)
    #expect(target.name == expected || hint.major == 5)
  }

  @Test(
    "other names are none",
    arguments: ["amd64", "10", "7", "2022", "drivers", "viostor", "x86", "", "w", "2k", "NetKVM"])
  func others(_ folder: String) {
    #expect(ReleaseHint(folder: folder[...]) == nil)
  }

  @Test("what is meant for a later release is not for this one")
  func later() throws {
    let hint = try #require(ReleaseHint(path: "viostor/2k25/amd64/viostor.inf"))
    #expect(hint.rank(for: DriverFixture.server2022) == nil)
    #expect(ReleaseHint(path: "viostor/amd64/viostor.inf") == nil)
  }
}
