import ConnectorProtocol

/// The network interfaces of an Azure machine: their references, with what `az network nic show` says of them.
enum AzureNICs {
  static func read(_ body: JSONRecord, _ sidecars: AzureSidecars, into draft: inout MachineDraft) throws(JSONFault) {
    // `az vm show --show-details` has these in one text each.
    let macs = try list(body.text("macAddresses"))
    let addresses = try list(body.text("privateIps"))
    let profile = try body.record("networkProfile")
    let references = try profile?.records("networkInterfaces") ?? []
    var found: [(isPrimary: Bool, nic: MachineDescription.NIC)] = []
    for (place, reference) in references.enumerated() {
      let id = try reference.text("id") ?? ""
      let inner = try reference.record("properties")
      let flags = [try reference.flag("primary"), try inner?.flag("primary")]
      let primary = flags.compactMap(\.self).first ?? (references.count == 1)
      reference.pass("resourceGroup", "deleteOption")
      inner?.pass("deleteOption")
      var nic = MachineDescription.NIC(index: 0)
      if let described = sidecars.interface(id) {
        try describe(described, &nic, &draft)
      } else {
        draft.findings.append(
          "Nothing is known of the network interface \(DraftTools.last(id).prefix(80)): put the answer of "
            + "`az network nic show` beside the description")
      }
      // As many of each as there are interfaces: the order is theirs.
      if nic.mac == nil, macs.count == references.count { nic.mac = DraftTools.mac(macs[place], &draft.findings) }
      if nic.addresses.isEmpty, addresses.count == references.count { nic.addresses = [addresses[place]] }
      found.append((primary, nic))
    }
    let ordered = found.filter(\.isPrimary) + found.filter { !$0.isPrimary }
    draft.nics = ordered.enumerated().map { place, entry in
      var nic = entry.nic
      nic.index = place
      return nic
    }
  }

  private static func describe(
    _ place: JSONLibrary.Place, _ nic: inout MachineDescription.NIC, _ draft: inout MachineDraft
  ) throws(JSONFault) {
    let outer = place.record
    let record = outer.has("ipConfigurations") ? outer : try outer.record("properties") ?? outer
    nic.mac = DraftTools.mac(try record.text("macAddress"), &draft.findings)
    nic.model = "netvsc"
    for configuration in try record.records("ipConfigurations") {
      let inner = configuration.has("subnet") ? configuration : try configuration.record("properties") ?? configuration
      if let address = try inner.text("privateIPAddress", "privateIpAddress") { nic.addresses.append(address) }
      if let subnet = try inner.record("subnet")?.text("id"), nic.network == nil {
        nic.network = DraftTools.last(subnet)
      }
      if inner.has("publicIPAddress") || inner.has("publicIpAddress") {
        draft.losses.append(
          Loss(
            property: "Public address of \(DraftTools.last(place["id"] ?? "").prefix(80))",
            why: "It belongs to the place that the machine ran in"))
      }
    }
    if try record.flag("enableAcceleratedNetworking") == true {
      draft.losses.append(
        Loss(
          property: "Accelerated networking of \(DraftTools.last(place["id"] ?? "").prefix(80))",
          why: "It is a service of the platform that it was taken on"))
    }
  }

  private static func list(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map { String($0.trimmingSpaces()) }
  }
}
