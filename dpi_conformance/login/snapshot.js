// What a person sees on this page and can change or press; each such element is marked, to be found again.
() => {
  const seen = (element) => {
    const style = getComputedStyle(element);
    return element.getClientRects().length > 0 && style.visibility !== "hidden";
  };
  const texts = (element) => (element.innerText || element.value || element.ariaLabel || "").trim();
  let count = 0;
  const marked = (element) => {
    element.dataset.dpiMark = String(++count);
    return element.dataset.dpiMark;
  };
  const pressable = (element) =>
    element.tagName === "BUTTON" ? element.type !== "reset" : ["submit", "image", "button"].includes(element.type);
  const control = (element) => ({
    name: element.name || element.id || "",
    kind: pressable(element) ? "submit" : element.tagName === "SELECT" ? "select" : element.type || "text",
    value: element.value || "",
    checked: ["checkbox", "radio"].includes(element.type) ? element.checked : true,
    id: element.id || "",
    text: pressable(element) ? texts(element).slice(0, 300) : "",
    mark: marked(element),
  });
  const usable = [...document.querySelectorAll("input, button, select, textarea")].filter(
    (element) => !element.disabled && element.type !== "hidden" && seen(element),
  );
  const forms = new Map();
  for (const element of usable) {
    const form = element.form || null;
    forms.set(form, [...(forms.get(form) || []), control(element)]);
  }
  const links = [...document.querySelectorAll("a, [role=button]")].filter(seen).slice(0, 500);
  return {
    forms: [...forms.values()].slice(0, 100),
    links: links.map((element) => ({
      url: element.href || "",
      id: element.id || "",
      text: texts(element).slice(0, 300),
      mark: marked(element),
    })),
    said: (document.body ? document.body.innerText : "").trim().slice(0, 300),
  };
};
