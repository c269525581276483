import ConnectorProtocol
import Foundation
import Support

@testable import Backups
@testable import Disks

/// A parser with sound inputs of its kind.
struct FuzzedReader: Sendable {
  var name: String
  var seeds: @Sendable () -> [[UInt8]]
  var read: @Sendable ([UInt8]) throws -> Void

  static let all: [FuzzedReader] = [
    FuzzedReader(name: "ovf", seeds: { [TestDescriptor().bytes] }) { bytes in
      let package = try OVFPackage.read(try XMLTree.parse(bytes))
      _ = OVFSystem(package, fallbackName: "x")
      _ = OVFLosses.system(package)
      _ = try OVFHardware(package.items)
      for disk in package.disks { _ = try OVFParents(package: package, object: "x").below(disk, "x") }
    },
    FuzzedReader(name: "manifest", seeds: { [Array("SHA256(a)= \(String(repeating: "0", count: 64))\n".utf8)] }) {
      _ = try DigestManifest.parse($0)
    },
    FuzzedReader(name: "tar", seeds: FuzzSeeds.archives) { bytes in
      _ = try TarReader.members(of: FuzzFile.write(bytes))
    },
    FuzzedReader(name: "vmx", seeds: { [Array(TestVMX.text.utf8), Array(TestVMX.snapshots.utf8)] }) { bytes in
      let file = try VMXFile.parse(bytes)
      _ = VMXSnapshots(file)
      _ = try VMXMachine(file, VMXHardware(file), fallbackName: "x", options: ReadOptions())
    },
    FuzzedReader(name: "libvirt", seeds: { [Array(FuzzSeeds.domain.utf8)] }) { _ = try LibvirtDomain.parse($0) },
    FuzzedReader(name: "hyperv", seeds: FuzzSeeds.configurations) { bytes in
      let root = HyperVStorage.isStorage(bytes) ? try HyperVStorage.parse(bytes) : try HyperVText.parse(bytes)
      _ = try HyperVMachine(root, fallbackName: "x", options: ReadOptions())
    },
    FuzzedReader(name: "json", seeds: { FuzzSeeds.documents.map { Array($0.utf8) } }) { bytes in
      let library = JSONLibrary(documents: [.init(name: "vm.json", root: try JSONParser.parse(bytes))])
      for dialect in MachineJSONFormat.dialects {
        for machine in dialect.machines(library) { _ = try? dialect.draft(machine, library) }
      }
    },
    FuzzedReader(name: "backup.json", seeds: { [Array(FuzzSeeds.manifest.utf8)] }) {
      _ = try JSONDecoder().decode(BackupDocument.self, from: Data($0))
    },
    image("qcow2", .qcow2, FuzzSeeds.qcow), image("vmdk", .vmdk, FuzzSeeds.vmdks), image("vhd", .vpc, FuzzSeeds.vhds),
    image("vhdx", .vhdx, FuzzSeeds.vhdxs),
    FuzzedReader(name: "extent", seeds: { FuzzSeeds.extents() }) { bytes in
      _ = try VMDKTables.damage(FileWindow(FuzzFile.write(bytes)))
    },
  ]

  private static func image(_ name: String, _ format: ImageFormat, _ seeds: @escaping @Sendable () -> [[UInt8]])
    -> FuzzedReader
  {
    FuzzedReader(name: name, seeds: seeds) { bytes in
      let layer = ImageLayer(path: try FuzzFile.write(bytes), format: format)
      let window = try FileWindow(layer.path)
      _ = try ImageSniffer.matches(window, format)
      _ = try? ImageReferences.read(layer, window, within: FuzzFile.folder)
      _ = try? DiskChain.parents(of: layer.path, format: format, within: FuzzFile.folder)
      if HyperVImage.formats.contains(format) { try HyperVImage(layer.path, format).survey() }
      if format == .qcow2 { _ = try? QcowSnapshots(in: layer) }
      if format == .vmdk { _ = try VMDKTables.damage(window) }
      if format == .qcow2 { _ = try QcowDamage.find(window) }
    }
  }
}

/// The input as a file, in memory: that is where readers look for it.
enum FuzzFile {
  static let folder = "/dev/shm/ascend-fuzz-\(getpid())"
  private static let path = folder + "/input"

  static func write(_ bytes: [UInt8]) throws -> String {
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }
}
