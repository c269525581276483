import Foundation

/// The addresses that a network interface of Windows shall have on the new platform.
public struct AddressWish: Sendable, Hashable {
  /// The hardware address that it will have; nil where the platform gives one: then it is found by its place.
  public var mac: String?
  /// Its place among the machine's interfaces.
  public var index: Int
  /// In CIDR form, `10.0.0.5/24`.
  public var addresses: [String]
  public var gateway: String?
  public var nameServers: [String]
  /// The network gives the addresses; the others say nothing then.
  public var dhcp: Bool

  public init(
    mac: String? = nil, index: Int, addresses: [String], gateway: String? = nil, nameServers: [String] = [],
    dhcp: Bool = false
  ) {
    self.mac = mac
    self.index = index
    self.addresses = addresses
    self.gateway = gateway
    self.nameServers = nameServers
    self.dhcp = dhcp
  }

  /// IPv4 addresses and their masks; nil where one is not of that form.
  var masked: [(address: String, mask: String)]? {
    var result: [(String, String)] = []
    for text in addresses {
      let halves = text.split(separator: "/")
      guard halves.count == 2, Self.isIPv4(halves[0]), let prefix = Int(halves[1]), (0...32).contains(prefix) else {
        return nil
      }
      let mask = prefix == 0 ? UInt32(0) : UInt32.max << (32 - prefix)
      result.append((String(halves[0]), (0..<4).map { String(mask >> (24 - 8 * $0) & 255) }.joined(separator: ".")))
    }
    return result
  }

  static func isIPv4(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && $0.allSatisfy(\.isNumber) }
  }

  /// A script for the PowerShell that every Windows since 7 has. It waits for the network interfaces: Windows finds those
  /// of a new machine while services start, and installs their drivers then. Doing it twice gives the same addresses and
  /// one route.
  static func script(_ wishes: [AddressWish]) -> String {
    let calls = wishes.compactMap { $0.call.map { "    \($0)" } }
    let least = (wishes.filter { $0.knownMAC == nil }.map(\.index).max() ?? -1) + 1
    let lines =
      functions + [
        "for ($left = \(attempts); ; $left--) {", "  try {",
        "    $all = @(Get-WmiObject Win32_NetworkAdapter | Where-Object { $_.PhysicalAdapter -and $_.MACAddress -and "
          + "($_.NetEnabled -or $_.ConfigManagerErrorCode -eq 0) } | Sort-Object Index)",
        "    if ($all.Count -lt \(least)) { throw \"only $($all.Count) of \(least) network interfaces\" }",
      ] + calls + [
        "    [Environment]::Exit(0)", "  } catch {",
        // Said and ended here: PowerShell 2.0 would end with 0 after an error in a file that nothing catches.
        "    if ($left -le 1) { $_ | Out-String; [Environment]::Exit(1) }", "  }",
        "  Start-Sleep -Seconds \(pause)", "}",
      ]
    return lines.joined(separator: "\r\n") + "\r\n"
  }

  /// Five minutes.
  private static let attempts = 60
  private static let pause = 5

  private static let functions = [
    "$ErrorActionPreference = 'Stop'",
    "function Set-Addresses($adapter, $addresses, $masks, $gateways, $servers) {",
    "  if (-not $adapter) { throw 'no such network interface' }",
    "  $c = Get-WmiObject Win32_NetworkAdapterConfiguration -Filter \"Index=$($adapter.Index)\"",
    "  $r = $c.EnableStatic($addresses, $masks).ReturnValue",
    "  if ($r -gt 1) { throw \"EnableStatic: $r\" }",
    "  if ($gateways) { $r = $c.SetGateways($gateways).ReturnValue; if ($r -gt 1) { throw \"SetGateways: $r\" } }",
    "  if ($servers) { $r = $c.SetDNSServerSearchOrder($servers).ReturnValue; if ($r -gt 1) { throw \"DNS: $r\" } }",
    "  \"$($adapter.MACAddress): $addresses\"",
    "}",
    "function Set-Automatic($adapter) {",
    "  if (-not $adapter) { throw 'no such network interface' }",
    "  $c = Get-WmiObject Win32_NetworkAdapterConfiguration -Filter \"Index=$($adapter.Index)\"",
    "  $r = $c.EnableDHCP().ReturnValue; if ($r -gt 1) { throw \"EnableDHCP: $r\" }",
    "  $null = $c.SetDNSServerSearchOrder()",
    "  \"$($adapter.MACAddress): DHCP\"",
    "}",
  ]

  /// The line that gives the interface what it shall have; nil where that is of no form that is known here.
  private var call: String? {
    let found = knownMAC.map { "($all | Where-Object { $_.MACAddress -eq '\($0)' } | Select-Object -First 1)" }
    let adapter = found ?? "$all[\(index)]"
    if dhcp { return "Set-Automatic \(adapter)" }
    guard let masked, !masked.isEmpty else { return nil }
    let gateways = gateway.map { Self.isIPv4($0) ? [$0] : [] } ?? []
    return "Set-Addresses \(adapter) \(Self.list(masked.map(\.address))) \(Self.list(masked.map(\.mask))) "
      + "\(Self.list(gateways)) \(Self.list(nameServers.filter { Self.isIPv4($0) }))"
  }

  private static func list(_ texts: [String]) -> String {
    "@(" + texts.map { "'\($0)'" }.joined(separator: ",") + ")"
  }

  /// `00:50:56:AB:CD:EF`, as Windows writes it.
  private var knownMAC: String? { mac.flatMap { NetworkWish.normalised($0)?.uppercased() } }
}
