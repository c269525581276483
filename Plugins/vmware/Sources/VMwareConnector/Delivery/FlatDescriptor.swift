/// The text file that makes a flat file a VMDK (Virtual Disk Format 5.0, createType "vmfs").
enum FlatDescriptor {
  /// - Parameters:
  ///   - sizeBytes: A multiple of 512.
  ///   - extent: The flat file's name, in the same folder.
  static func text(sizeBytes: Int64, extent: String, controller: DiskController, thin: Bool) -> String {
    let sectors = sizeBytes / 512
    // What BIOSes make of a disk of this size: 255 heads, 63 sectors, as many cylinders as there are, to a limit.
    let (heads, perTrack): (Int64, Int64) = controller == .ide ? (16, 63) : (255, 63)
    let cylinders = min(max(sectors / (heads * perTrack), 1), controller == .ide ? 16_383 : 65_535)
    return """
      # Disk DescriptorFile
      version=1
      encoding="UTF-8"
      CID=fffffffe
      parentCID=ffffffff
      createType="vmfs"

      # Extent description
      RW \(sectors) VMFS "\(extent)"

      # The Disk Data Base
      #DDB

      ddb.adapterType = "\(controller == .ide ? "ide" : "lsilogic")"
      ddb.geometry.cylinders = "\(cylinders)"
      ddb.geometry.heads = "\(heads)"
      ddb.geometry.sectors = "\(perTrack)"
      \(thin ? "ddb.thinProvisioned = \"1\"\n" : "")ddb.virtualHWVersion = "4"

      """
  }
}
