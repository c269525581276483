import Foundation

@testable import Guests

/// A kernel's modules and index files as depmod writes them, each module a few bytes that name it.
enum FakeKernel {
  /// The drivers of every platform's disks and networks, with what they need.
  static let drivers: [(path: String, needs: [String])] = [
    ("kernel/drivers/virtio/virtio.ko", []), ("kernel/drivers/virtio/virtio_ring.ko", []),
    (
      "kernel/drivers/virtio/virtio_pci.ko",
      ["kernel/drivers/virtio/virtio.ko", "kernel/drivers/virtio/virtio_ring.ko"]
    ),
    (
      "kernel/drivers/block/virtio_blk.ko", ["kernel/drivers/virtio/virtio.ko", "kernel/drivers/virtio/virtio_ring.ko"]
    ),
    ("kernel/drivers/scsi/virtio_scsi.ko", ["kernel/drivers/virtio/virtio.ko", "kernel/drivers/scsi/scsi_mod.ko"]),
    ("kernel/drivers/net/virtio_net.ko", ["kernel/drivers/virtio/virtio.ko"]),
    ("kernel/drivers/scsi/scsi_mod.ko", []), ("kernel/drivers/scsi/sd_mod.ko", ["kernel/drivers/scsi/scsi_mod.ko"]),
    ("kernel/drivers/scsi/vmw_pvscsi.ko", ["kernel/drivers/scsi/scsi_mod.ko"]),
    ("kernel/drivers/message/fusion/mptbase.ko", []),
    ("kernel/drivers/message/fusion/mptspi.ko", ["kernel/drivers/message/fusion/mptbase.ko"]),
    ("kernel/drivers/message/fusion/mptsas.ko", ["kernel/drivers/message/fusion/mptbase.ko"]),
    ("kernel/drivers/net/vmxnet3/vmxnet3.ko", []), ("kernel/drivers/nvme/host/nvme-core.ko", []),
    ("kernel/drivers/nvme/host/nvme.ko", ["kernel/drivers/nvme/host/nvme-core.ko"]),
    ("kernel/drivers/net/ethernet/amazon/ena/ena.ko", []), ("kernel/drivers/ata/libahci.ko", []),
    ("kernel/drivers/ata/ahci.ko", ["kernel/drivers/ata/libahci.ko"]), ("kernel/drivers/hv/hv_vmbus.ko", []),
    ("kernel/drivers/scsi/hv_storvsc.ko", ["kernel/drivers/hv/hv_vmbus.ko"]),
    ("kernel/drivers/net/hyperv/hv_netvsc.ko", ["kernel/drivers/hv/hv_vmbus.ko"]),
  ]

  /// What a module's file holds before it is compressed.
  static func module(_ path: String) -> [UInt8] { Array("module \(path)".utf8) }

  /// `modules.dep` and kmod's form of it, of modules at these paths.
  static func index(_ drivers: [(path: String, needs: [String])], suffix: String = "") -> [String: [UInt8]] {
    var text = ""
    for driver in drivers {
      text += "\(driver.path)\(suffix):" + driver.needs.map { " \($0)\(suffix)" }.joined() + "\n"
    }
    let lines = ModuleIndex(dep: text, builtin: "", softdep: "").lines()
    return ["modules.dep": Array(text.utf8), "modules.dep.bin": BinaryIndex.encode(lines)]
  }

  /// - Parameter suffix: What the distribution compresses modules with: `.xz`, `.gz`, `.zst`, or nothing.
  static func files(version: String, suffix: String, folder: String = "lib/modules") throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    let kinds: [String: SegmentKind] = [".xz": .xz, ".gz": .gzip, ".zst": .zstd]
    for driver in drivers {
      files["\(folder)/\(version)/\(driver.path)\(suffix)"] = try ArchiveBuilder.compress(
        module(driver.path), kinds[suffix] ?? .cpio)
    }
    for (name, bytes) in index(drivers, suffix: suffix) { files["\(folder)/\(version)/\(name)"] = bytes }
    files["\(folder)/\(version)/modules.alias.bin"] = BinaryIndex.encode([])
    files["\(folder)/\(version)/modules.builtin"] = Array("kernel/fs/ext4/ext4.ko\n".utf8)
    return files
  }
}
