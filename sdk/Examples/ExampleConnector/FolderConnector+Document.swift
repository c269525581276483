import ConnectorKit
import ConnectorProtocol

extension FolderConnector {
  static let document = CapabilityDocument(
    id: "folder", displayName: "Folder", vendor: "Example", version: "1.0.0", executable: "bin/folder-connector",
    connection: [
      "type": "object", "required": ["folder"],
      "properties": [
        "folder": ["type": "string", "title": "Folder", "description": "Where machines are put; it must exist."]
      ],
    ],
    target: ["type": "object", "properties": [:]],
    inventory: [.init(kind: "storage")],
    disks: .init(accepts: [.init(format: "raw", access: ["nbd"], sparse: "skip")]),
    boot: [.init(firmware: "bios", arch: "x86_64"), .init(firmware: "uefi", arch: "x86_64")],
    controllers: [.init(id: "virtio", bus: "virtio-blk", maxDisks: 16, bootable: true)],
    nics: [.init(model: "virtio", max: 8)], drivers: [], resumable: [DiskReceive.method],
    cleanup: .init(byTag: false, byName: true))
}
