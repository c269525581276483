import Foundation
import Support
import Testing

@testable import Guests

@Suite("Sources of drivers")
struct DriverIndexTests {
  private let layout = ["w7", "w8", "w10", "2k16", "2k19", "2k22", "w11", "2k25"]

  private func payload(
    _ match: DriverIndex.Match, _ index: DriverIndex, _ windows: WindowsTarget, startsWithKernel: Bool = true
  ) throws(AscendError) -> DriverPayload {
    try DriverPayload(match, index, windows, startsWithKernel: startsWithKernel)
  }

  private func source(in folder: TemporaryFolder) throws -> String {
    for name in layout { try DriverFixture.write(DriverFixture.package("viostor/\(name)/amd64"), to: folder.url) }
    return folder.url.path
  }

  @Test(
    "the package for the very release is taken, else the nearest earlier one",
    arguments: [
      (10, 0, 20_348, true, "2k22"), (10, 0, 17_763, true, "2k19"), (10, 0, 26_100, true, "2k25"),
      (10, 0, 22_631, false, "w11"), (10, 0, 19_045, false, "w10"), (6, 1, 7601, true, "w7"), (6, 2, 9200, true, "w8"),
      (6, 3, 9600, true, "w8"),
    ])
  func releases(_ major: Int, _ minor: Int, _ build: Int, _ isServer: Bool, _ expected: String) throws {
    let folder = try TemporaryFolder()
    let index = try DriverIndex([source(in: folder)])
    let windows = WindowsTarget(major: major, minor: minor, build: build, isServer: isServer, architecture: .amd64)
    let match = try #require(index.find("viostor", for: windows))
    #expect(match.path == "viostor/\(expected)/amd64/viostor.inf")
  }

  @Test(
    "each vendor's way to lay out folders is understood",
    arguments: [
      ("pvscsi", "Drivers/pvscsi/Win8/amd64", ["Drivers/pvscsi/Vista/amd64", "Drivers/pvscsi/Win8/i386"]),
      ("vmxnet3ndis6", "VMware/Drivers/vmxnet3/Win10", ["VMware/Drivers/vmxnet3/Win8"]),
      ("awsnvme", "AWSNVMe", []), ("ena", "AwsEnaNetworkDriver/2022", []),
      ("vioscsi", "Windows Server 2022/amd64", ["Windows Server 2016/amd64", "Windows Server 2025/amd64"]),
      ("netkvm", "NetKVM/2k22/amd64", ["NetKVM/2k19/amd64", "NetKVM/2k25/amd64"]),
    ] as [(String, String, [String])])
  func vendors(_ service: String, _ folder: String, _ others: [String]) throws {
    let root = try TemporaryFolder()
    for place in [folder] + others {
      let is32Bit = place.hasSuffix("i386")
      try DriverFixture.write(
        DriverFixture.package(
          place, service: service, decoration: is32Bit ? "NTx86" : "NTamd64", machine: is32Bit ? 0x14c : 0x8664),
        to: root.url)
    }
    let index = try DriverIndex([root.url.path])
    let match = try #require(index.find(service, for: DriverFixture.server2022))
    #expect(match.path == "\(folder)/\(service).inf")
    #expect(try payload(match, index, DriverFixture.server2022).files.count == 3)
  }

  @Test("folder and ISO image of the same packages give the same")
  func image() throws {
    let folder = try TemporaryFolder()
    let packages = folder.url.appendingPathComponent("packages")
    let files = DriverFixture.package("viostor/2k22/amd64").merging(
      DriverFixture.package("NetKVM/2k22/amd64", service: "netkvm")
    ) { a, _ in a }
    try DriverFixture.write(files, to: packages)
    let iso = folder.url.appendingPathComponent("drivers.iso").path
    try DriverFixture.image(files, at: iso)
    for path in [packages.path, iso] {
      let index = try DriverIndex([path])
      let match = try #require(index.find("netkvm", for: DriverFixture.server2022))
      let payload = try payload(match, index, DriverFixture.server2022)
      #expect(payload.files["netkvm.sys"] == DriverFixture.program())
      #expect(payload.files.keys.sorted() == ["netkvm.cat", "netkvm.inf", "netkvm.sys"])
      #expect(payload.warnings.isEmpty)
    }
  }

  @Test("a later version wins, and of equal ones the earlier source")
  func versions() throws {
    let folder = try TemporaryFolder()
    try DriverFixture.write(DriverFixture.package("a/old", version: "100.9.0.0"), to: folder.url)
    try DriverFixture.write(DriverFixture.package("b/new", version: "100.10.0.0"), to: folder.url)
    try DriverFixture.write(DriverFixture.package("c/new", version: "100.10.0.0"), to: folder.url)
    let paths = ["a", "b", "c"].map { folder.url.appendingPathComponent($0).path }
    let index = try DriverIndex(paths)
    let match = try #require(index.find("VioStor", for: DriverFixture.windows11))
    #expect(index.describe(match) == "\(paths[1]): new/viostor.inf")
  }

  @Test("a driver of another architecture is no driver, and the refusal says what to supply")
  func missing() throws {
    let folder = try TemporaryFolder()
    try DriverFixture.write(
      DriverFixture.package("viostor/w10/x86", decoration: "NTx86", machine: 0x14c), to: folder.url)
    let index = try DriverIndex([folder.url.path])
    #expect(index.find("viostor", for: DriverFixture.server2022) == nil)
    #expect(index.find("nothing", for: DriverFixture.server2022) == nil)
    let error = WindowsDrivers.missing(["viostor"], DriverFixture.server2022, index: index)
    #expect(error.code == "guest.driverMissing")
    #expect(error.message.contains("Windows Server 2022 (amd64) has no driver viostor"))
    #expect(error.cause?.contains("other releases or architectures") == true)
    #expect(error.remedy?.contains("--drivers") == true)
  }

  @Test("damaged packages are named")
  func damaged() throws {
    let folder = try TemporaryFolder()
    var files = DriverFixture.package("x/w10")
    files["x/w10/VIOSTOR.SYS"] = nil
    files.merge(DriverFixture.package("y/w10", service: "vioscsi", machine: 0x14c)) { a, _ in a }
    files.merge(DriverFixture.package("z/w10", service: "text")) { a, _ in a }
    files["z/w10/TEXT.SYS"] = Array("not a program".utf8)
    try DriverFixture.write(files, to: folder.url)
    let index = try DriverIndex([folder.url.path])
    for (name, code) in [
      ("viostor", "drivers.incomplete"), ("vioscsi", "drivers.wrongArchitecture"),
      ("text", "drivers.wrongArchitecture"),
    ] {
      let match = try #require(index.find(name, for: DriverFixture.windows11))
      let error = #expect(throws: AscendError.self) { try payload(match, index, DriverFixture.windows11) }
      #expect(error?.code.rawValue == code)
    }
  }

  @Test("a driver that Windows starts with must carry a signature itself; for others a catalog will do")
  func unsigned() throws {
    let folder = try TemporaryFolder()
    let x86 = DriverFixture.program(0x14c, isSigned: false)
    var files = DriverFixture.package("x")
    files["x/VIOSTOR.SYS"] = DriverFixture.program(isSigned: false)
    files.merge(DriverFixture.package("y", service: "netkvm")) { a, _ in a }
    files["y/NETKVM.SYS"] = DriverFixture.program(isSigned: false)
    files["y/netkvm.cat"] = nil
    files.merge(DriverFixture.package("z", service: "vioscsi", decoration: "NTx86")) { a, _ in a }
    files["z/VIOSCSI.SYS"] = x86
    try DriverFixture.write(files, to: folder.url)
    let index = try DriverIndex([folder.url.path])
    let match = try #require(index.find("viostor", for: DriverFixture.windows11))
    let error = #expect(throws: AscendError.self) { try payload(match, index, DriverFixture.windows11) }
    #expect(error?.code == "drivers.unsigned" && error?.object?.hasSuffix("x/viostor.inf") == true)
    #expect(error?.message.contains("viostor.sys") == true)
    #expect(try payload(match, index, DriverFixture.windows11, startsWithKernel: false).warnings == [])
    let other = try #require(index.find("netkvm", for: DriverFixture.windows11))
    #expect(try payload(other, index, DriverFixture.windows11, startsWithKernel: false).warnings.count == 1)
    // 32-bit Windows asks for none.
    let old = WindowsTarget(major: 6, minor: 1, build: 7601, isServer: false, architecture: .x86)
    let plain = try #require(index.find("vioscsi", for: old))
    #expect(try payload(plain, index, old).warnings == [])
  }

  @Test("symbolic links are passed over, and what is no source is refused")
  func sources() throws {
    let folder = try TemporaryFolder()
    let outside = folder.url.appendingPathComponent("outside")
    try DriverFixture.write(DriverFixture.package("x"), to: outside)
    let inside = folder.url.appendingPathComponent("inside")
    try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      at: inside.appendingPathComponent("link"), withDestinationURL: outside.appendingPathComponent("x"))
    try FileManager.default.createSymbolicLink(
      at: inside.appendingPathComponent("viostor.inf"),
      withDestinationURL: outside.appendingPathComponent("x/viostor.inf"))
    let text = folder.url.appendingPathComponent("text.iso")
    try Data("no image".utf8).write(to: text)
    for path in [inside.path, text.path, folder.url.path + "/none", "relative"] {
      let error = #expect(throws: AscendError.self) { try DriverIndex([path]) }
      #expect(error?.code == "drivers.unreadable")
      #expect(error?.object == path)
    }
    #expect(DriverIndex.empty.find("viostor", for: DriverFixture.windows11) == nil)
  }
}
