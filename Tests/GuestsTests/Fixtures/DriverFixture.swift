import CArchive
import Foundation
import Testing

@testable import Guests

/// Driver packages of no vendor, made for tests.
enum DriverFixture {
  static let server2022 = WindowsTarget(major: 10, minor: 0, build: 20_348, isServer: true, architecture: .amd64)
  static let windows11 = WindowsTarget(major: 10, minor: 0, build: 22_631, isServer: false, architecture: .amd64)
  static let windows7 = WindowsTarget(major: 6, minor: 1, build: 7601, isServer: false, architecture: .amd64)

  /// The INF file of a storage driver.
  static func inf(
    service: String = "viostor", decoration: String = "NTamd64", version: String = "100.92.104.22900",
    extra: String = ""
  ) -> String {
    """
    ; A storage driver
    [version]
    Signature="$WINDOWS NT$"
    Class=SCSIAdapter ; of the disk
    ClassGUID={4D36E97B-E325-11CE-BFC1-08002BE10318}
    Provider=%VENDOR%
    DriverVer=11/15/2022,\(version)
    CatalogFile=\(service).cat

    [SourceDisksNames]
    1 = %Disk%,,,""

    [SourceDisksFiles]
    \(service).sys = 1,,

    [Manufacturer]
    %VENDOR% = Models,\(decoration)

    [Models.\(decoration)]
    %Device% = inst, PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00, PCI\\VEN_1AF4&DEV_1001
    %Device% = inst, PCI\\VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01

    [inst]
    CopyFiles=Files

    [Files]
    \(service).sys,,,2

    [inst.Services]
    AddService = \(service), 0x00000002 , Service_Inst, Event_Inst

    [Service_Inst]
    ServiceType    = %SERVICE_KERNEL_DRIVER%
    StartType      = 0
    ErrorControl   = 3
    ServiceBinary  = %12%\\\(service).sys
    LoadOrderGroup = SCSI miniport
    AddReg         = Parameters

    [Parameters]
    HKR, "Parameters\\PnpInterface", "5", %REG_DWORD%, 0x00000001
    HKR, "Parameters", "BusType", %REG_DWORD%, 1
    HKR,,Note,,"a; b, ""c""\"
    \(extra)

    [Strings]
    VENDOR = "Nobody, Inc."
    Device = "A disk; really"
    Disk = "100%% disk"
    SERVICE_KERNEL_DRIVER = 1
    REG_DWORD = 0x00010001

    """
  }

  static func driver(_ text: String, for windows: WindowsTarget) -> INFDriver? {
    INFReader(document: INFDocument(text), windows: windows).driver("test.inf")
  }

  /// A PE file with a header and nothing more.
  static func program(_ machine: UInt16 = 0x8664, isSigned: Bool = true) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 512)
    func put(_ value: Int, at offset: Int, count: Int) {
      for place in 0..<count { bytes[offset + place] = UInt8(truncatingIfNeeded: value >> (8 * place)) }
    }
    put(0x5a4d, at: 0, count: 2)
    put(64, at: 0x3c, count: 4)
    put(0x4550, at: 64, count: 4)
    put(Int(machine), at: 68, count: 2)
    let wide = machine != 0x014c
    put(wide ? 0x20b : 0x10b, at: 88, count: 2)
    let directories = 88 + (wide ? 112 : 96)
    put(16, at: directories - 4, count: 4)
    if isSigned { put(16, at: directories + 36, count: 4) }
    return bytes
  }

  static func write(_ files: [String: [UInt8]], to folder: URL) throws {
    for (name, content) in files {
      let url = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content).write(to: url)
    }
  }

  static func package(
    _ folder: String, service: String = "viostor", decoration: String = "NTamd64", version: String = "100.1.1.1",
    machine: UInt16 = 0x8664
  ) -> [String: [UInt8]] {
    [
      "\(folder)/\(service).inf": Array(inf(service: service, decoration: decoration, version: version).utf8),
      "\(folder)/\(service.uppercased()).SYS": program(machine), "\(folder)/\(service).cat": [1, 2, 3],
      "\(folder)/readme.txt": [4],
    ]
  }

  /// An ISO image of the files.
  static func image(_ files: [String: [UInt8]], at path: String) throws {
    let archive = try #require(archive_write_new())
    defer { archive_write_free(archive) }
    #expect(archive_write_set_format_iso9660(archive) == ARCHIVE_OK)
    try #require(archive_write_open_filename(archive, path) == ARCHIVE_OK)
    for name in files.keys.sorted() {
      let content = files[name] ?? []
      let entry = try #require(archive_entry_new())
      defer { archive_entry_free(entry) }
      archive_entry_set_pathname(entry, name)
      archive_entry_set_filetype(entry, 0o100000)
      archive_entry_set_perm(entry, 0o644)
      archive_entry_set_size(entry, Int64(content.count))
      #expect(archive_write_header(archive, entry) == ARCHIVE_OK)
      #expect(archive_write_data(archive, content, content.count) == content.count)
    }
    try #require(archive_write_close(archive) == ARCHIVE_OK)
  }
}
