#!/usr/bin/env python3
"""Puts products of CSV files in Shopify's export format into a shop: import-products.py samples/apparel.csv …"""
import csv, json, os, re, sys, unicodedata
from decimal import Decimal
from itertools import groupby
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

CATALOG, PRICING, INVENTORY = (os.environ.get(f"STOA_{part}_URL", f"http://127.0.0.1:{port}")
                               for part, port in [("CATALOG", 4101), ("PRICING", 4102), ("INVENTORY", 4103)])
refused = 0

def put(url, body):
    global refused
    try:
        urlopen(Request(url, json.dumps(body).encode(), {"content-type": "application/json"}, method="PUT"))
    except HTTPError as error:
        refused += 1
        print(f"{url}: {error.read().decode()}", file=sys.stderr)

def slug(text):
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain)[:64].strip("-")

def euros(text):
    return {"minor": int(Decimal(text) * 100), "currency": "EUR"}

def load(handle, rows):
    first, named = rows[0], [n for n in "123" if rows[0][f"Option{n} Name"] not in ("", "Title")]
    pictures = {slug(re.sub(r".*/|\.\w+(\?.*)?$", "", row["Image Src"])): row["Image Alt Text"] for row in rows if row["Image Src"]}
    rows = [row for row in rows if row["Variant Price"]]
    skus = [row["Variant SKU"].strip() or f"{handle}-{number}" for number, row in enumerate(rows, 1)]
    choices = [{first[f"Option{n} Name"]: row[f"Option{n} Value"] for n in named} for row in rows]
    category = {"slug": slug(first["Type"] or "other"), "name": first["Type"] or "Other", "position": 100}
    put(f"{CATALOG}/categories/{category['slug']}", category)
    put(f"{CATALOG}/products/{slug(handle)}", {
        "slug": slug(handle), "name": first["Title"], "summary": first["SEO Description"], "description_html": first["Body (HTML)"],
        "status": first["Status"] or ("draft" if first["Published"].lower() == "false" else "active"),
        "category": category["slug"], "vendor": first["Vendor"] or None, "tags": [tag for tag in first["Tags"].split(", ") if tag],
        "pictures": [{"name": name, "alt": alt} for name, alt in pictures.items()],
        "options": [{"name": name, "values": list(dict.fromkeys(choice[name] for choice in choices))} for name in choices[0]],
        "variants": [{"sku": sku, "label": " / ".join(choice.values()) or first["Title"], "options": choice,
                      "gtin": row["Variant Barcode"].lstrip("'") or None,
                      "weight": {"value": float(row["Variant Grams"] or 0), "unit": "g"}}
                     for sku, choice, row in zip(skus, choices, rows)]})
    for sku, row in zip(skus, rows):
        price, before = euros(row["Variant Price"]), euros(row["Variant Compare At Price"] or "0")
        put(f"{PRICING}/prices/{quote(sku, safe='')}",
            {"sku": sku, "price": price, "compare_at": before if before["minor"] > price["minor"] else None})
        put(f"{INVENTORY}/stock/{quote(sku, safe='')}",
            {"sku": sku, "on_hand": max(0, int(row["Variant Inventory Qty"] or 0)), "tracked": row["Variant Inventory Tracker"] != "",
             "backorder": "allow" if row["Variant Inventory Policy"] == "continue" else "deny"})

for path in sys.argv[1:]:
    with open(path, newline="", encoding="utf-8-sig") as file:
        for handle, rows in groupby(csv.DictReader(file), key=lambda row: row["Handle"]):
            load(handle, list(rows))
sys.exit(f"{refused} refused" if refused else 0)
