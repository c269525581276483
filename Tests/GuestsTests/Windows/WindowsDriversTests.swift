import ConnectorProtocol
import Support
import Testing

@testable import Guests

/// A Windows in memory: its release and its files below the system's folder.
private struct MemoryWindows: WindowsReading {
  var windows = DriverFixture.server2022
  var controlSets = ["CS1", "CS2"]
  var systemRoot = "/Windows"
  var files: Set<String> = []

  func hasFile(_ relative: String) throws(AscendError) -> Bool { files.contains(relative.lowercased()) }
}

@Suite("Drivers that a Windows has")
struct WindowsDriversTests {
  private static let store = "System32\\DriverStore\\FileRepository\\viostor.inf_amd64_9c31\\viostor.sys"

  @Test(
    "every way to name a driver's file leads below the system's folder, or nowhere",
    arguments: [
      ("system32\\drivers\\x.sys", "system32/drivers/x.sys"), ("System32/DRIVERS/x.sys", "System32/DRIVERS/x.sys"),
      ("\\SystemRoot\\System32\\drivers\\x.sys", "System32/drivers/x.sys"),
      ("%SystemRoot%\\System32\\x.sys", "System32/x.sys"), ("%windir%\\x.sys", "x.sys"),
      ("\\??\\C:\\Windows\\System32\\x.sys", "System32/x.sys"), ("D:\\WINDOWS\\x.sys", "x.sys"),
      ("\"\\SystemRoot\\x.sys\"", "x.sys"),
      (
        "\\SystemRoot\\System32\\DriverStore\\FileRepository\\a.inf_amd64_0f\\a.sys",
        "System32/DriverStore/FileRepository/a.inf_amd64_0f/a.sys"
      ),
      ("", nil), ("\\SystemRoot", nil), ("\\??\\C:\\Other\\x.sys", nil), ("\\Device\\x.sys", nil), ("\\x.sys", nil),
      ("C:\\x.sys", nil), ("\\SystemRoot\\..\\Users\\x.sys", nil), ("..\\x.sys", nil), ("\\\\host\\share\\x.sys", nil),
      ("\\??\\C:", nil), ("\\??", nil), ("a*.sys", nil),
    ] as [(String, String?)])
  func paths(_ image: String, _ path: String?) {
    #expect(ServiceImage.path(image, systemRoot: "/Windows") == path)
  }

  private func installed(
    _ name: String, image: String?, files: Set<String>
  ) throws -> WindowsDrivers.Enabled? {
    var hive = MemoryRegistry()
    hive.keys = ["cs1\\services\\\(name)", "cs2\\services\\\(name)", "cs2\\services\\\(name)\\startoverride"]
    if let image { hive.values = ["cs1\\services\\\(name)\\imagepath": .expandString(image)] }
    let windows = MemoryWindows(files: Set(files.map { $0.lowercased() }))
    return try WindowsDrivers.installed(name, windows, hive)
  }

  @Test("a driver that runs from the driver store is there, and one whose file is gone is not")
  func driverStore() throws {
    let path = Self.store.replacing("\\", with: "/")
    let own = try #require(try installed("viostor", image: "\\SystemRoot\\\(Self.store)", files: [path]))
    #expect(own.file == "viostor.sys" && own.controlSets == ["CS1", "CS2"] && own.overridden == ["CS2"])
    // What lies elsewhere under the same name is not what it starts with.
    for image in ["\\SystemRoot\\\(Self.store)", "\\??\\D:\\else\\viostor.sys"] {
      #expect(try installed("viostor", image: image, files: ["System32/drivers/viostor.sys"]) == nil)
    }
  }

  @Test("a service that names no file has one of its own name")
  func unnamed() throws {
    #expect(try installed("viostor", image: nil, files: ["System32/drivers/viostor.sys"])?.file == "viostor.sys")
    #expect(try installed("storflt", image: "", files: ["System32/drivers/vmstorfl.sys"]) == nil)
    let image = "system32\\drivers\\vmstorfl.sys"
    #expect(try installed("storflt", image: image, files: ["System32/drivers/vmstorfl.sys"])?.file == "vmstorfl.sys")
  }

  @Test("NVMe that an update brought to 7 is switched on with its devices")
  func update() throws {
    var hive = MemoryRegistry()
    hive.keys = ["cs1\\services\\stornvme"]
    hive.values = ["cs1\\services\\stornvme\\imagepath": .expandString("system32\\drivers\\stornvme.sys")]
    let windows = MemoryWindows(windows: DriverFixture.windows7, files: ["system32/drivers/stornvme.sys"])
    let needs = DriverNeeds(
      [DriverNeed(when: .init(family: "windows"), need: ["stornvme"], initramfs: true)], family: "windows",
      version: "6.1")
    let drivers = try WindowsDrivers(needs, windows: windows, hive: hive, index: .empty)
    #expect(drivers.missing == [] && drivers.enabled.map(\.service) == ["stornvme"])
    #expect(drivers.inBox.flatMap(\.criticalDevices).map(\.id) == ["pci#cc_010802"])
  }
}
